"""Reports that people can print: one model of a report's content, and PDF, XLSX and JSON made from it.

``model.ReportContent`` is the content; ``pdf.render``, ``xlsx.render`` and ``model.encode`` turn it into bytes. The
same content always makes the same bytes, so a printed report can be checked against its hash years later.
"""
