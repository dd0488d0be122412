# Acknowledgements: they fit a toast, and stand as a short reply where reactions are off.

ticked = Ticked { $numbers }.
already-ticked = { $count ->
    [one] { $numbers } was ticked already.
   *[other] { $numbers } were ticked already.
}
unticked = { $number } is open again.
skipped = Skipped { $number }.
noted = Noted.
fact-recorded = { $label } recorded.
acknowledged = Noted that you have seen it.
already-acknowledged = You had acknowledged it already.
role-assigned = { $name } is { $role } now.
severity-is = { $id } is { $severity } now.
phase-is = { $id } is in { $phase } now.
follow-up-added = Follow-up { $number } added.
follow-up-done = Follow-up { $number } is done.
follow-up-assigned = Follow-up { $number } belongs to { $name } now.
evidence-kept = Noted as evidence E{ $number }; it is being stored.
export-begun = The export is being made; it comes as a file.
added-to = Added to { $id }: it counts as the same incident.
declared = { $id } is declared.
closed = { $id } is closed.
reopened = { $id } is open again.
cancelled = { $id } is called off.
granted = { $name } is { $permission } here now.
no-grant = { $name } (id { $id }) holds no grant here: nothing was revoked. /setup shows who holds one.
revoked = { $name } is no longer { $permission } here.
contact-bound = { $contact } is { $name } now.
contact-bound-backup = { $contact } is { $name } now, with { $backup } as backup.
unchanged = Nothing to change: it was so already.
left-as-it-was = All right, left as it was.
set-up-plan = New incidents follow “{ $value }” from now on. Open ones keep their plan.
set-up-language = The language is { $value } now.
set-up-timezone = Times are shown in { $value } now.
set-up-admins-on = Chat administrators count as commanders now.
set-up-admins-off = Chat administrators have no special rights with me any more.
set-up-responders-everybody = Every member of this chat is a responder now.
set-up-responders-granted = Only people who were granted it are responders now.
set-up-home = Alarms about this installation come here from now on.
set-up-other = { $setting } is set to { $value }.
toast-see-chat = The answer is in the chat.
