"""Collection evaluation (馆藏资源评价): what stands, what is used, what is asked for, class by class.

A draft is computed from the book of the stock and the counted uses, one statement for each; class by class a remark and a
grade (expand, keep, shrink, relocate, weed), and proposals that live on as cases. A second person publishes; then the
figures never change. Every number leads to its titles. Serves RES-MGT-03.
"""
