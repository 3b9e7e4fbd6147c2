"""The vocabulary that KSAD's services, its subscribers and its auditors share. Pure data: no I/O, no clock."""
