"""Pages from facts and words: a document of finished text, drawn as HTML, Markdown or plain text."""
