"""A county's records as spreadsheets: a form to fill in, reading it with every fault reported, writing it."""

from calibration.records.workbook.finding import BadRecords, Finding, Report
from calibration.records.workbook.form import template
from calibration.records.workbook.reader import read
from calibration.records.workbook.writer import canonical, write

__all__ = ["BadRecords", "Finding", "Report", "canonical", "read", "template", "write"]
