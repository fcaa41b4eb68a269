## Parts of the inbox: <%namespace name="i" file="inbox_parts.mako"/>, then ${i.entry(line)}.
<%namespace name="p" file="parts.mako"/>

## A notification. The live view puts it below the heading of its day.
<%def name="entry(line)">
<li class="${'entry unread' if line.unread else 'entry'}" id="notification-${line.id}" data-day="${line.day.date.isoformat()}" data-words="${line.day.words}">
<div class="entry-head">
<h3><a href="${request.links.why(line.public_id)}">\
% if line.unread:
<span class="hidden">Unread: </span>\
% endif
${line.summary}</a></h3>
<time class="quiet" datetime="${line.at.isoformat()}">${line.clock}</time>
</div>
<p class="quiet">${line.application}, by ${line.by}, matched \
% if line.filter_name:
<a href="${request.route_path('filter', filter_id=line.filter_id)}">${line.filter_name}</a></p>
% else:
a filter that was deleted since</p>
% endif
% if line.late:
<p class="quiet">${line.late}</p>
% endif
% for status in line.delivery_statuses:
<p class="quiet">${p.state(status.word, status.kind)} ${status.rest}</p>
% endfor
</li>
</%def>

## A field to choose from a few things, of which none need be chosen.
<%def name="choose(name, label, anything, choices, chosen)">
<div class="field">
<label for="${name}">${label}</label>
<select id="${name}" name="${name}">
<option value="">${anything}</option>
% for value, words in choices.items():
<option value="${value}"${" selected" if value == chosen else ""}>${words}</option>
% endfor
</select>
</div>
</%def>
