<%inherit file="layout.mako"/>
<%namespace name="a" file="admin_parts.mako"/>
<%namespace name="p" file="parts.mako"/>
<%def name="title()">${_("Webhooks of forges")}</%def>
<%def name="width()">wide</%def>
<%def name="aside()">${a.places()}</%def>
<h1>${_("Webhooks of forges")}</h1>
<p class="lead">${_("A forge such as GitHub, GitLab, Forgejo or Discourse calls a webhook when something happens there, and FMN notifies people about it. Each webhook has an address and a secret of its own.")}</p>

% if hooks:
<ul class="rows">
% for hook in hooks:
<li class="split">
<div>
<h2><a href="${request.route_path('admin_hook', name=hook.name)}">${hook.name}</a></h2>
<p class="quiet">${fill(_("{forge}, added by {nick} {when}."), forge=_(forges[hook.forge].title) if hook.forge in forges else hook.forge, nick=hook.created_by, when=time_element(request, hook.created_at))}
% if not hook.enabled:
${p.state(_("Disabled"), "bad")}
% endif
</p>
<p><code>${url(hook)}</code></p>
</div>
</li>
% endfor
</ul>
% else:
${p.empty(_("No webhooks yet"), _("Add one, and then enter its address and secret at the forge."))}
% endif
% if unknown:
<p class="notice">${fill(_("The last request for a webhook that doesn’t exist came {when}. If a forge of yours sent it, compare the address there with those on this page."), when=time_element(request, unknown[0].received_at))}</p>
% endif

<h2 id="new">${_("Add a webhook")}</h2>
<form id="make" method="post" action="${request.route_path('admin_hooks')}">
${p.token()}
${p.field("name", _("Name"), typed["name"], hint=_("Part of the address. Small letters, digits and dashes, for example moss-at-codeberg."), problem=problems.get("name", ""), maxlength=50, required=True, autocomplete="off")}
<div class="${'field wrong' if 'forge' in problems else 'field'}">
<label for="forge">${_("Forge")}</label>
<select class="short" id="forge" name="forge">
% for value, forge in forges.items():
<option value="${value}"${" selected" if typed["forge"] == value else ""}>${_(forge.title)}</option>
% endfor
</select>
% if "forge" in problems:
<p class="problem">${problems["forge"]}</p>
% endif
</div>
${p.field("topic_prefix", _("Topic prefix"), typed["topic_prefix"], hint=_("What the topics of its messages begin with: a domain backwards and an environment."), problem=problems.get("topic_prefix", ""), maxlength=100, required=True, autocomplete="off")}
${p.tick("logins_are_accounts", _("Logins at the forge are account names here"), typed["logins_are_accounts"], value="true", hint=_("Whoever causes an event is then named as its agent."))}
${p.tick("private_too", _("Also take what is private at the forge"), typed["private_too"], value="true", hint=_("Private repositories, confidential issues and private messages. Everybody who has an account here can get notifications about them."))}
<button class="button">${_("Add webhook")}</button>
</form>
