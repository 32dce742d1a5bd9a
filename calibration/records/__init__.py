"""What a county brings: workbooks, published records, and the hiding of small counts."""
