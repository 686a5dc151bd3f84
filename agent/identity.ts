import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { deviceId, fleetId } from '../shared/domain/ids.ts'
import { errorCodeOf, messageOf, Problem } from '../shared/domain/problem.ts'
import { firstIssue } from '../shared/protocol/decode.ts'
import { trustRoots } from '../shared/protocol/enrolment.ts'
import { replaceFile } from '../shared/store/durable-file.ts'
import { storeProblem } from '../shared/store/sqlite-rules.ts'

/** Who this agent is, and whom it trusts: the outcome of an enrolment. */
export const identity = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  device: deviceId,
  brokerUrl: z.string().min(1).max(2048).describe('Without user name and password.'),
  username: z.string().max(1024),
  secret: z.string().max(1024).describe('Password of the connection, where it is without TLS or by an account of the broker.'),
  tls: z
    .looseObject({ trustsSystem: z.boolean().describe('The broker shows a certificate of an authority that the system knows.') })
    .optional()
    .describe('The connection is by the certificate of the device; left out: by user name and password.'),
  plainUrl: z.string().min(1).max(2048).optional().describe('Where the broker was before the connection was by certificate.'),
  trust: trustRoots,
  root: z
    .string()
    .max(700_000)
    .optional()
    .describe('First root of the trust metadata, base64; left out by consoles from before there was one.'),
  enrolledAt: z.int().nonnegative(),
})
export type Identity = z.infer<typeof identity>

const FILE = 'identity.json'

/**
 * The identity in a directory, or `null` if the agent was never enrolled.
 * @throws Problem `store.corrupt` if the file is there and not sound
 */
export function readIdentity(directory: string): Identity | null {
  const file = join(directory, FILE)
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw new Problem('store.corrupt', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged(file, messageOf(error))
  }
  const parsed = identity.safeParse(value)
  if (!parsed.success) throw damaged(file, firstIssue(parsed.error))
  return parsed.data
}

function damaged(file: string, why: string): Problem {
  return new Problem('store.corrupt', `${file} is damaged: ${why}`, { hint: 'Enrol this agent again with --force.' })
}

/** Like `readIdentity`, for commands that need one. @throws Problem `enrolment.not-enrolled`, `store.corrupt` */
export function requireIdentity(directory: string): Identity {
  const found = readIdentity(directory)
  if (found === null) throw new Problem('enrolment.not-enrolled', `${directory} holds no identity.`)
  return found
}

/** Writes the identity durably, readable by its owner only. @throws Problem `data-directory.read-only`, `store.disk-full` */
export function writeIdentity(directory: string, value: Identity): void {
  try {
    replaceFile(fs, { directory, name: FILE, mode: 0o600 }, Buffer.from(`${JSON.stringify(value, null, 2)}\n`))
  } catch (error) {
    throw storeProblem(error, join(directory, FILE))
  }
}
