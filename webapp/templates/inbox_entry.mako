<%namespace name="i" file="inbox_parts.mako"/>${i.entry(line, search, dated)}
