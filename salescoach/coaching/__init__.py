"""What a coach and a rep work with: the one-on-one, its questions, drafts and promises."""
