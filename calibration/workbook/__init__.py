"""A county's records as spreadsheets: a form to fill in, reading it with every fault told, writing it."""

from calibration.workbook.finding import BadRecords, Finding, Report
from calibration.workbook.form import template
from calibration.workbook.reader import read
from calibration.workbook.writer import canonical, write

__all__ = ["BadRecords", "Finding", "Report", "canonical", "read", "template", "write"]
