"""Sets a print in the form that is named.

Standard input has the moment of the file and, below it, what fills the form; the PDF goes to standard output.
"""

from __future__ import annotations

import sys
from datetime import datetime

from ksad.ledger.printing.setting import PrintForm, set_pdf

if __name__ == "__main__":
    dated = datetime.fromisoformat(sys.stdin.buffer.readline().decode().strip())
    sys.stdout.buffer.write(set_pdf(sys.stdin.buffer.read(), dated, PrintForm(sys.argv[1])))
