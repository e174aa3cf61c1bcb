"""Pages: bytes to a tree to blocks of text, what each element is, and which element holds the article."""
