# Marks and alarms that belong to no command.

possible-repeat = (possibly sent twice: the first try got no answer; a repeat changes nothing)
stale-press = This button is out of date. Use the newest card, or the command it stands for: /help.
set-aside = ⚠️ An update could not be handled and was set aside after three tries ({ $kind }: { $reason }). If somebody's command had no effect, ask them to send it again.
parked = ⚠️ { $count ->
    [one] One message of mine could not be delivered here and waits.
   *[other] { $count } messages of mine could not be delivered here and wait.
}

secret-somebody = Somebody
secret-removed = 🔑 { $name }, your message held a secret ({ $what }). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
secret-seen = 🔑 { $name }, your message holds a secret ({ $what }). I kept nothing of it, but I may not delete messages here: <b>delete it yourself now</b>, and take it as leaked.
secret-rotate = Rotate { $credential }: { $command }
secret-revoke = Revoke it where it was issued, and put a new one where it is used.
