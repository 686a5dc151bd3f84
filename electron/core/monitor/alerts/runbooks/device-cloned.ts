import type { Runbook } from './runbook.ts'

/** What to do when it is said: device seen twice. */
export const deviceCloned: Runbook = {
  title: 'Device seen twice',
  markdown: `## What it means
Two machines come in with the keys of one device. Mostly a disk image was copied to a second device; it may also be that somebody has the keys.
Records of the two are kept apart, but what is ordered reaches whichever is connected, and its state changes with each of them.

## What to look at
- Was an image of this device written to another one, or its folder copied?
- The audit log: \`muster audit list\` shows from which addresses the two came.

## What to do
1. Put it in quarantine: \`muster devices quarantine DEVICE --reason clone\`. Both go on answering, and nothing of them is taken.
2. Enrol the second machine under an id of its own: \`muster-agent enroll --force\` with a new code.
3. If you do not know the second machine, revoke the device, and enrol the true one again with a code for its id.
4. Release it: \`muster devices release DEVICE\`. The alert ends.
To have step 1 done at once: \`muster devices policy --on-clone quarantine\`.
`,
}
