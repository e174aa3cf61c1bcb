"""What `benchmarks/extraction.py` measures with.

| file | content |
|---|---|
| `sets.py` | folders of benchmark pages: references, hosts, languages, bodies |
| `measures.py` | the measures of one page, and of many |
| `extractors.py` | Irtysh and its peers, as functions of a page |
| `predictions.py` | the results of an extractor: computed, written, read |
| `bootstrap.py` | intervals of differences, by hosts |
| `folds.py` | folds of hosts, for cross-validation |
| `rules.py` | precision and coverage of the rules that remove blocks |
| `inventory.py` | the number of rules, phrases and thresholds |
| `baseline.py` | the figures from which progress counts, and the check against tuning |
| `tables.py` | the tables that are printed |
"""
