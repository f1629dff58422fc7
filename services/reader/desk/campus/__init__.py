"""Files of the university's card centre (一卡通): looked at first, then taken up by a job.

A file is parsed once, at upload; its rows wait in the database with what would become of each. The
job takes them up batch by batch. Serves RDR-DSK-BAS-04, RDR-LED-FRD-03.
"""
