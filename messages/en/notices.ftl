# Marks and alarms that belong to no command.

possible-repeat = (possibly sent twice: the first try got no answer; a repeat changes nothing)
stale-press = This button is out of date. Use the newest card, or the command it stands for: /help.
edited-command = Edited messages never act. Send it again.
set-aside = ⚠️ An update could not be handled and was set aside after three tries ({ $kind }: { $reason }). If somebody's command had no effect, ask them to send it again.
alarm-receiver = ⚠️ Somebody else receives my messages ({ $why }): my token is used by another program, and some of what is written reaches only that one. Stop it, or ask @BotFather for a new token.
alarm-parked = ⚠️ I may not write in { $chat } ({ $why }). What is for that chat waits, and goes out once I may write there again.
alarm-undelivered = ⚠️ A message for { $chat } could not be delivered ({ $why }). <code>/status</code> there says what waits.
alarm-database = ⚠️ The database took nothing for a while ({ $why }). It works again, and nothing that was asked is lost. Look at the host before it happens again.
alarm-unreadable = ⚠️ What I keep of { $chat } cannot be read ({ $why }), so nothing works there. <code>breakglass audit verify</code> on the host shows more.
alarm-unreadable-here = ⚠️ I cannot read what I keep of this chat, so no command works here at present. Tell whoever runs me: <code>breakglass audit verify</code> on the host shows more. Emergency levers still work on the host: <code>breakglass shutdown</code>.
alarm-journal = ⚠️ Levers that were pulled on the host cannot be brought into the log ({ $why }). The journal is kept as it is.

parked = ⚠️ { $count ->
    [one] One message of mine could not be delivered here and waits.
   *[other] { $count } messages of mine could not be delivered here and wait.
}

secret-somebody = Somebody
secret-so-many = { $secrets ->
    [0] secrets
    [one] a secret
   *[other] { $secrets } secrets
}
secret-them = { $secrets ->
    [one] it
   *[other] all of them
}
secret-removed = 🔑 { $name }, { $count ->
    [one] your message held { $secrets } ({ $what }). It is deleted here, and I kept nothing of it. Others may have read it: take { $them } as leaked.
   *[other] { $count } messages of yours held secrets ({ $what }). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
}
secret-seen = 🔑 { $name }, { $count ->
    [one] your message holds { $secrets } ({ $what }). I kept nothing of it, but I may not delete messages here: <b>delete it yourself now</b>, and take { $them } as leaked.
   *[other] { $count } messages of yours hold secrets ({ $what }). I kept nothing of them, but I may not delete messages here: <b>delete them yourself now</b>, and take them as leaked.
}
secret-in-evidence = 🔑 { $pieces } { $count ->
    [one] holds { $secrets } ({ $what }). It stays in evidence as it is; delete it from the chat yourself, and take { $them } as leaked.
   *[other] hold secrets ({ $what }). They stay in evidence as they are; delete them from the chat yourself, and take them as leaked.
}
secret-revoke-by = { $name }: { $command }. { $summary }
secret-rotate = Rotate { $credential }: { $command }
secret-revoke = { $count ->
    [one] Revoke it where it was issued, and put a new one where it is used.
   *[other] Revoke each of them where it was issued, and put a new one where it is used.
}
secret-revoke-rest = { $count ->
    [one] The other one ({ $what }): revoke it where it was issued, and put a new one where it is used.
   *[other] The others ({ $what }): revoke each where it was issued, and put a new one where it is used.
}

totp-elsewhere = One-time codes stay between us: send <code>/totp</code> to me in private.
totp-off = One-time codes are not set up on this installation: it needs <code>BREAKGLASS_SECRET_KEY</code>.
totp-failed = I cannot check one-time codes right now. The log on the host says why.
totp-picture = Scan this with an authenticator app, or type in { $typed }
    Then send me the code that the app shows: <code>/totp 123456</code>
    This works for 15 minutes. Delete this message afterwards.
totp-first-wrong = That is not the code of this moment. Look at the app and send the one that it shows now; is your phone's clock right?
totp-confirmed = You have a second factor now: levers that cannot be taken back ask you for a code.
totp-recovery = Ten codes for the day on which the phone is gone. Each works once, in place of a code of the app. I show them only now: write them down, then delete this message.
    { $codes }
totp-enrolled = { $recovery ->
    [0] You have a second factor since { $since }. No recovery code is left: ask whoever runs the host for <code>breakglass totp reset</code> and enrol anew.
    [one] You have a second factor since { $since }. One recovery code is left.
   *[other] You have a second factor since { $since }. { $recovery } recovery codes are left.
}
totp-not-enrolled = You have no second factor yet. <code>/totp</code> begins.
totp-passed = That code is right.
totp-wrong = { $left ->
    [one] That code is wrong, or used already. After one more wrong one I take none for 15 minutes.
   *[other] That code is wrong, or used already. { $left } tries are left.
}
totp-locked = Too many wrong codes: I take none until { $until }. Break-glass works without one.

log-broken-alarm = ⚠️ My log was changed from outside ({ $fault }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
}). Until somebody has looked, with <code>breakglass audit verify</code> on the host, no lever is pulled from chat and no run goes on. Stopping, denying and taking back still work here, levers on the host too.
host-run-homeless = 🚨 <b>{ $procedure } of the plan { $plan } was run without Telegram</b>, and no chat is in use that can be told. It stays in the journal until one is: send /start in the team's group. Reason: { $why }
