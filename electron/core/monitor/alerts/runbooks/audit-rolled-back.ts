import type { Runbook } from './runbook.ts'

/** What to do when it is said: the audit log was rolled back. */
export const auditRolledBack: Runbook = {
  title: 'Audit log rolled back',
  markdown: `## What it means
The device keeps a checkpoint that this console signed: so many entries, with that root. The log of now does not go on from it: entries are gone,
or were rewritten together with their hashes. That is so after a backup was restored, and it is so if somebody changed the data of the console.

## What to look at
- Was a backup restored, or the data directory copied back? Who did it, and from when was it?
- \`muster audit verify\` names the first bad entry, and \`muster audit witnesses\` what each device keeps.
- Exports and backups from before: \`muster audit verify --file FILE\` shows if they are what was signed.
- On the device: \`muster-agent status --json\` shows the two checkpoints that it keeps, with their signatures.

## What to do
1. Copy the data directory before you do anything else.
2. If a backup was restored, an admin accepts it: \`muster audit accept --note "restored the backup of Monday"\`. The alarm ends, and the record stays.
3. If nobody knows why, treat the console as taken over: change the passwords and tokens, and rotate its keys.
`,
}
