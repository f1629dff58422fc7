"""Proofreading (审校): a second person reads a record, with defect codes; a sample of each month is read again.

From both follows the error rate of each cataloguer, which training and appraisal go by. Serves RES-MGT-01, RES-MGT-02.
"""
