"""Prints reports: PDF and XLSX files from a report's content.

``pdf.render`` and ``xlsx.render`` take a ``ReportContent``. Equal contents give equal bytes, so a printed report can be
checked against its hash years later.
"""
