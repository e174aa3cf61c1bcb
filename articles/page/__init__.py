"""Pages: parse bytes into a tree, read blocks of text from it, and find the element that holds the article."""
