/** The page that stands in for the interface while a store cannot be opened. It has no part of the usual one: that needs the stores. */
export const recoveryPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Muster cannot open its data</title>
<link rel="stylesheet" href="/recovery.css">
</head>
<body>
<main>
<h1>Muster cannot open its data</h1>
<p id="problem">Reading what happened …</p>
<p>Nothing was changed or deleted. Devices go on answering with the models that they have, and keep their records.</p>
<section aria-labelledby="choices"><h2 id="choices">What can be done</h2><div id="actions"></div></section>
<p id="outcome" role="status"></p>
<noscript>This page needs JavaScript. The command line can do the same: muster backup restore latest --only damaged</noscript>
</main>
<script src="/recovery.js"></script>
</body>
</html>
`

export const recoveryStyle = `
:root { font: 13px/1.5 system-ui, sans-serif; color: #1c2024; background: #fbfcfd }
main { max-width: 720px; margin: 48px auto; padding: 0 24px }
h1 { font-size: 18px } h2 { font-size: 15px }
button { font: inherit; padding: 6px 12px; border: 1px solid #687076; border-radius: 4px; background: #fff; color: inherit; cursor: pointer }
button.first { background: #0b5cad; border-color: #0b5cad; color: #fff }
button:disabled { opacity: .6 }
button:focus-visible { outline: 2px solid #0b5cad; outline-offset: 2px }
.choice { border-top: 1px solid #d7dbdf; padding: 12px 0 } .choice p { margin: 0 0 8px }
code { font: 12px ui-monospace, monospace }
@media (prefers-color-scheme: dark) {
  :root { color: #e6e8eb; background: #0f1115 } button { background: #1a1d21 } .choice { border-color: #33393f }
  button.first { background: #1f6fc4; border-color: #1f6fc4 }
}
`

export const recoveryScript = `'use strict'
const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? ''
const at = (id) => document.getElementById(id)
const ask = async (path, body) => {
  const response = await fetch(path, { method: 'POST', headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error.message)
  return answer
}
const choice = (words, label, isFirst, act) => {
  const box = document.createElement('div'), text = document.createElement('p'), button = document.createElement('button')
  box.className = 'choice'
  text.textContent = words
  button.textContent = label
  if (isFirst) button.className = 'first'
  button.addEventListener('click', async () => {
    for (const one of document.querySelectorAll('button')) one.disabled = true
    at('outcome').textContent = 'Working …'
    try {
      const answer = await act()
      at('outcome').textContent = answer.lines.join(' ')
      await started()
    } catch (error) {
      at('outcome').textContent = error.message
      for (const one of document.querySelectorAll('button')) one.disabled = false
    }
  })
  box.append(text, button)
  at('actions').append(box)
}
const started = async () => {
  for (let n = 0; n < 120; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const about = await fetch('/about').then((response) => response.json()).catch(() => null)
    if (about !== null && about.recovery !== true) return at('outcome').append(' The console runs. Its page has a key of its own: muster open')
  }
}
ask('/recovery/state').then((state) => {
  at('problem').textContent = state.problem.message + ' (' + state.problem.code + ')'
  for (const [n, one] of state.backups.entries())
    choice('Put ' + state.damaged.join(' and ') + ' back as of ' + new Date(one.madeAt).toLocaleString() + ', from the backup ' + one.name + '. The damaged file is moved aside and kept.', 'Restore ' + one.name, n === 0, () => ask('/recovery/restore', { name: one.name }))
  if (state.backups.length === 0) choice('There is no good backup in ' + state.folder + '. Plug in the disk that has one, then look again.', 'Look again', true, () => location.reload())
  if (state.mayBeginTelemetry) choice('Begin telemetry anew. Devices, models, orders and the audit log stay; the damaged file is moved aside and kept.', 'Begin telemetry anew', false, () => ask('/recovery/begin-telemetry'))
  choice('Try to start again, after you have mended it by other means.', 'Start again', false, () => ask('/recovery/retry'))
}).catch((error) => { at('problem').textContent = error.message })
`
