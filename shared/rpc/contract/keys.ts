import { z } from 'zod'
import { bundleDigest } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { entrance, query } from '../method.ts'

/** A guard of the fleet: what protects it, whether it is on, and the next step. */
export const guard = z.object({
  id: text(64),
  title: text(200),
  state: z
    .enum(['on', 'off', 'attention'])
    .describe('attention: it is on and something needs a person, or it is off where it should not be.'),
  sentence: text(1000),
  action: z
    .object({ label: text(100), path: text(200).nullable().describe('Page of the console.'), command: text(500).nullable() })
    .nullable(),
})
export type Guard = z.infer<typeof guard>

const folder = text(1024).min(1).describe('A folder on the machine of the console, such as a USB stick.')
const passphrase = text(1024).min(1)

/** A sealed key of people: by its place on the machine of the console, or by what the file holds; and what opens it. */
export const keyFile = z.strictObject({
  path: text(1024).min(1).optional(),
  content: text(64 * 1024).optional(),
  passphrase,
})
export type KeyFileInput = z.infer<typeof keyFile>

const rootKeys = z
  .array(keyFile)
  .max(5)
  .default([])
  .describe('Root keys of people, as many as the root asks for; none before the ceremony.')
const leaveDevices = z
  .boolean()
  .default(false)
  .describe('Go on although some devices have agents from before trust metadata: they refuse what comes after.')

const shownKey = z.object({
  keyId: text(64),
  role: z.enum(['root', 'targets', 'snapshot', 'timestamp', 'assignment']),
  label: text(100),
  holder: z.enum(['people', 'console']),
  state: z.enum(['active', 'ended']),
  kept: text(2048).nullable().describe('Where its file was written.'),
  createdAt: epochMs.nullable(),
  endedAt: epochMs.nullable(),
  endReason: text(200).nullable(),
  drill: z
    .object({ at: epochMs, actor: text(200), problem: text(2000).nullable() })
    .nullable()
    .describe('The last rehearsal with it.'),
})
export type ShownKey = z.infer<typeof shownKey>

const stamp = z.object({ version: count, expiresAt: epochMs })

/** Everything about the keys of the fleet. */
export const shownKeys = z.object({
  mode: z.enum(['console', 'people']).describe('console: it holds every key itself; people: root and targets keys are with people.'),
  isLocked: z.boolean(),
  unlockedUntil: epochMs.nullable(),
  keys: z.array(shownKey),
  root: stamp.extend({ threshold: count }),
  targets: stamp.extend({ bundles: count }),
  list: z.object({
    isGood: z.boolean().describe('false: the list in the store is not the one that the key signed last.'),
    differs: z.array(text(200)).describe('What is other in it; the first hundred.'),
    waiting: z
      .array(z.object({ digest: bundleDigest, versions: z.array(text(200)) }))
      .describe('Bundles of the store that wait for the targets key; the first thousand.'),
    waitingCount: count,
  }),
  snapshot: stamp,
  timestamp: stamp,
  epoch: count,
  isSettled: z
    .boolean()
    .describe('false: keys that count no more still lie on the disk, which refuses writes; it is tried again each minute.'),
  atRest: z.enum(['open', 'sealed']).describe('sealed: the key files of the console lie under its passphrase.'),
  devices: z.object({
    current: count,
    stale: count,
    old: z.array(text(64)).describe('Devices that trust the keys of their enrolment only; the first hundred.'),
    oldCount: count,
    newestRoot: count.describe('Devices that have taken the newest root.'),
    refusing: count.describe('Devices that refuse the metadata of this console.'),
    ahead: count.describe('Devices that know newer metadata than this console: it comes back from a backup.'),
  }),
})
export type ShownKeys = z.infer<typeof shownKeys>

const written = z.array(z.object({ keyId: text(64), label: text(100), file: text(2048) }))

export const keysMethods = {
  'trust.show': query(
    'The guards of the fleet: which are on, which are not, and the next step.',
    z.strictObject({}),
    z.object({ guards: z.array(guard) }),
  ),
  'keys.show': query('The keys of the fleet, what they signed, and how devices follow.', z.strictObject({}), shownKeys),
  'keys.create': entrance(
    'The ceremony: makes three root keys and a targets key for people, seals each into a file, and destroys those that the console held.',
    z.strictObject({
      rootTo: z.array(folder).min(1).max(3).describe('Folders of the three root keys, in turn.'),
      rootPassphrases: z.array(passphrase).min(1).max(3).describe('One for all, or one for each.'),
      targetsTo: folder,
      targetsPassphrase: passphrase,
      leaveDevices,
    }),
    z.object({ written, keys: shownKeys }),
    'admin',
  ),
  'keys.unlock': entrance(
    'Keeps the targets key in memory for a while, so that new bundles can be signed.',
    z.strictObject({
      key: keyFile,
      minutes: z.int().min(1).max(480).default(15),
      sign: z
        .array(bundleDigest)
        .max(5000)
        .optional()
        .describe('Bundles that wait and are to be signed; the key signs what it signed before, these, and nothing else.'),
      mend: z
        .boolean()
        .optional()
        .describe('The list in the store is damaged: go back to the one that the key signed last; what it lacks waits.'),
    }),
    shownKeys,
    'admin',
  ),
  'keys.lock': entrance('Forgets the targets key now.', z.strictObject({}), shownKeys, 'admin'),
  'keys.rotate': entrance(
    'Replaces keys: the online ones, the targets key, or the three root keys.',
    z.strictObject({
      what: z.enum(['online', 'targets', 'root']),
      reason: z.enum(['retired', 'revoked']).default('retired'),
      rootKeys,
      to: z.array(folder).max(3).default([]).describe('Folders of the new keys of people.'),
      passphrases: z.array(passphrase).max(3).default([]),
      leaveDevices,
    }),
    z.object({ written, keys: shownKeys }),
    'admin',
  ),
  'keys.recover': entrance(
    'After a theft of what the console holds: new online keys, a new epoch, every order signed again. What the thief signed counts no more.',
    z.strictObject({ rootKeys, leaveDevices }),
    shownKeys,
    'admin',
  ),
  'keys.drill': entrance(
    'A rehearsal: opens a key of people, signs a test document, verifies it as a device would, and forgets the key.',
    z.strictObject({ key: keyFile }),
    z.object({ keyId: text(64), label: text(100), role: text(32), ok: z.boolean(), problem: text(2000).nullable() }),
    'admin',
  ),
  'keys.backup': entrance(
    'Copies the sealed file of a key to another folder, and reads it back.',
    z.strictObject({ key: keyFile.omit({ passphrase: true }), to: folder }),
    z.object({ written }),
    'admin',
  ),
} as const
