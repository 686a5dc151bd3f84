import type { Runbook } from './runbook.ts'

/** What to do when it is said: no backup was made. */
export const backupFailed: Runbook = {
  title: 'Backup failed',
  markdown: `## What it means
The last backup of the console failed, or none was made for a whole day after one was due. The older ones are as they were. Devices are not
concerned: they go on, and keep what the console has not acknowledged.

## What to look at
- Settings, Backups: the sentence on top says why, and how old the newest good backup is. At the command line: \`muster backup\`
- The folder of the backups: is its disk plugged in, may the console write there, and is there space?
- A backup of damaged data is refused: then the data of the console itself need you.

## What to do
1. Take away the cause, and make one at once: \`muster backup now\`
2. If the disk is gone for good, choose another folder: \`muster backup schedule --folder FOLDER\`
3. If the data are damaged, restore the newest good backup: \`muster backup restore latest\`
`,
}
