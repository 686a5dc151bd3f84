import { openFolder } from '../../electron/core/ingest/fold/folder.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'

// Brings the sums of a file up and kills itself (SIGKILL): within the transaction of a step when everything of it is written and nothing is
// committed, or right after its commit. Arguments: file, `within` or `after`, steps that are whole before.
const [file = '', place = 'within', whole = '0'] = process.argv.slice(2)
const db = openTelemetryWriter(file)
let left = Number(whole)

function die(): 0 {
  process.kill(process.pid, 'SIGKILL')
  // The signal comes at once, but not in the same instruction.
  for (;;);
}

db.function('pass_or_die', () => (left > 0 || place !== 'within' ? 0 : die()))
db.exec('CREATE TEMP TRIGGER moved AFTER UPDATE ON main.fold BEGIN SELECT pass_or_die(); END')
// A clock under which every step is slow keeps the steps small.
let time = 0
const folder = openFolder(db, () => (time += 100))
while (folder.step()) {
  if (left === 0) die()
  left -= 1
}
process.exit(3)
