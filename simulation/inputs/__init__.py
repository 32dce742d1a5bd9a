"""What a run is told: parameters, the county file and the shapes of both."""
