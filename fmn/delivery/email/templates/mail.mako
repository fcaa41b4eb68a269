## The HTML part. Every expression is escaped by default; what is markup already says so with `n`.
##
## Colours are plain in the style attributes, which every mail program reads, and turn dark by the style
## sheet, which some ignore. The entries of a digest, of which there may be hundreds, have no style
## attributes: without the sheet they are still readable, and a mail stays small enough to be shown whole.
##
<%!
    FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
    MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px"
    PAGE = f"margin:0;padding:0;background:#ffffff;color:#1f2328;{FONT};font-size:15px;line-height:1.5"
    COLUMN = "max-width:640px;margin:0 auto;padding:24px 20px"
    QUIET = "color:#59636e;font-size:13px"
    HEADLINE = "margin:4px 0 0;font-size:18px;line-height:1.4;font-weight:600;overflow-wrap:anywhere"
    LINK = "color:#0969da"
    TEXT = ("margin:20px 0 0;padding:2px 0 2px 16px;border-left:3px solid #d1d9e0;"
            "white-space:pre-wrap;overflow-wrap:anywhere;word-break:break-word")
    BUTTON = ("display:inline-block;padding:10px 18px;border-radius:6px;background:#0969da;color:#ffffff;"
              "font-weight:600;text-decoration:none")
%>
<%def name="page(title)">
${self.start(title)}
${caller.body()}
${self.end()}
</%def>

<%def name="start(title)">
<!DOCTYPE html>
<html lang="${current_language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
.entry { margin: 0; padding: 14px 0; border-top: 1px solid #d1d9e0; overflow-wrap: anywhere; }
.entry a { color: #0969da; text-decoration: none; }
.entry b { font-weight: 500; }
.entry small, .entry small a { color: #59636e; font-size: 13px; }
.entry small a { display: inline-block; text-decoration: underline; }
.entry h2 { margin: 0; font-size: 15px; font-weight: 600; }
.entry ul { margin: 6px 0; padding: 0 0 0 18px; font-size: 14px; }
.entry li { margin: 0; padding: 3px 0; }
.entry li::marker { color: #818b98; }
.entry div { margin: 8px 0; padding: 0 0 0 14px; border-left: 3px solid #d1d9e0; white-space: pre-wrap; }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
@media (prefers-color-scheme: dark) {
.page { background: #0d1117 !important; color: #f0f6fc !important; }
.quiet, .quiet a, .entry small, .entry small a { color: #9198a1 !important; }
.link, .entry a { color: #4493f8 !important; }
.line, .entry, .entry div { border-color: #3d444d !important; }
.button { background: #4493f8 !important; color: #0d1117 !important; }
}
</style>
</head>
<body class="page" style="${PAGE}">
<div class="page" style="${COLUMN}">
</%def>

<%def name="end()">
</div>
</body>
</html>
</%def>

## ``english`` is the attribute of what the catalogue says, in a mail of another language.
<%def name="beginning(note, when, preformatted, shortened)">
${self.start(note.summary)}
<div class="quiet" style="${QUIET}">${note.application} &middot; ${when}</div>
<h1${english | n} style="${HEADLINE}">${note.summary}</h1>
% if note.link:
<div style="margin:8px 0 0"><a class="link" style="${LINK}" href="${note.link}">${_("Open on {host}").format(host=note.host)}</a></div>
% endif
% if note.long:
<div${english | n} class="line" style="${TEXT}${";" + MONO if preformatted else ""}">${link_urls(note.long, f' class="link" style="{LINK}"') | n}</div>
% endif
% if note.cut:
<div style="margin:8px 0 0"><a class="link" style="${LINK}" href="${note.why}">${shortened}</a></div>
% endif
</%def>

<%def name="notice(notice)">
<%self:page title="${notice.headline}">
<h1 style="${HEADLINE}">${notice.headline}</h1>
% for paragraph in notice.paragraphs:
<p style="margin:16px 0 0;overflow-wrap:anywhere">${paragraph}</p>
% endfor
% if notice.action:
<p style="margin:20px 0 0"><a class="button" style="${BUTTON}" href="${notice.action.url}">${notice.action.label}</a></p>
% endif
${footer(notice) | n}
</%self:page>
</%def>

<%def name="digest(content, sections)">
<%self:page title="${content.headline}">
<h1 style="${HEADLINE}">${content.headline}</h1>
<div style="margin:0 0 20px">
% for line in content.about:
<div class="quiet" style="${QUIET};margin:2px 0 0">${line}</div>
% endfor
</div>
${sections | n}
% if content.remainder:
<div class="entry"><b>${content.remainder}</b> <a href="${content.inbox.url}">${content.inbox.label}</a></div>
% endif
${footer(content) | n}
</%self:page>
</%def>

<%def name="opening(section)">
<div class="entry">
% if section.summary:
<h2${english | n}>${section.summary}</h2>
<small>${" · ".join(section.about)}</small>
% endif
<ul>
</%def>

<%def name="closing(section, inbox)">
</ul>
% if section.more:
<small>${section.more} <a href="${inbox.url}">${inbox.label}</a></small>
% endif
</div>
</%def>

<%def name="member(note, when, preformatted, shortened)">
<li>
% if note.link:
<a${english | n} href="${note.link}">${note.summary}</a>
% else:
${note.summary}
% endif
${self.text(note, preformatted, shortened)}
<small>${when}${self.why(note, _("Why"))}</small>
</li>
</%def>

<%def name="alone(note, when, preformatted, shortened)">
<div class="entry">
% if note.link:
<a href="${note.link}"><b${english | n}>${note.summary}</b></a>
% else:
<b${english | n}>${note.summary}</b>
% endif
% if not (note.long or note.cut):
<br>
% endif
${self.text(note, preformatted, shortened)}
<small>${note.application} &middot; ${when}${self.why(note, _("Why: {filter}").format(filter=note.filter_name))}</small>
</div>
</%def>

<%def name="why(note, words)">\
% if note.tells_why:
 &middot; <a href="${note.why}">${words}</a>\
% endif
</%def>

<%def name="text(note, preformatted, shortened)">
% if note.long:
<div${english | n}${' class="mono"' if preformatted else "" | n}>${link_urls(note.long) | n}</div>
% endif
% if note.cut:
<div><a href="${note.why}">${shortened}</a></div>
% endif
</%def>
