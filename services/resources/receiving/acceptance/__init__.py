"""Acceptance (验收): what arrived is checked by somebody who did not order it.

Line by line, by scanning or by hand, with what is short, extra, wrong, damaged or priced otherwise. Accepted copies get
accession numbers without gaps (个别登记; each acceptance is a line of the 总括登记), become items in process, and the titles that
were wanted move on. Serves RES-ACQ-01.
"""
