"""Sizes of texts that several steps compare with: of an article, a stub, a title, a line with a date."""

MIN_TEXT_CHARS = 140  # of prose: a page with less shows hardly a text
MIN_NEWS_CHARS = 250  # of prose: with this much, short news stands beside its comments
MIN_ARTICLE_CHARS = 300  # of prose: a teaser, a notice or a wall has less (the longest known wall 290)
MAX_STUB_CHARS = 900  # of prose: a page that shows one to three paragraphs, and closes or hides the others
MIN_TITLE_CHARS = 30  # folded: a shorter heading may be the name of a section, or a notice
MIN_TITLE_PART_CHARS = 15  # folded: a shorter part of a title may be a common phrase
MATCHED_CHARS = 40  # folded, equal at the beginning: two texts are the same lead or paragraph
MIN_MATCHED_CHARS = 20  # folded, of a shorter text that must be equal as a whole
MAX_DATE_LINE_CHARS = 60  # of a line that is a date or a time
MIN_PARAGRAPHS = 2  # of a text; with one it is a lead, a caption, a teaser or an advertisement
MIN_ALIKE = 2  # similar elements or lines: of cards, a thread, a skeleton, announcements
MIN_ARTICLE_PARAGRAPHS = 3  # of an article beside others; a card or a cell of a table has fewer
MAX_ITEM_CHARS = 180  # of a block that announces another article: a headline, its section, its date
MAX_TITLE_CHARS = 400  # of a block or a string that may be a title
MAX_SCRIPT_CHARS = 2_000_000  # of scripts, per page and kind, that are read
