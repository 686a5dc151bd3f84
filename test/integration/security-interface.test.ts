import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { contract, type MethodName } from '../../shared/rpc/contract.ts'
import { isProblemCode, Problem } from '../../shared/domain/problem.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

async function started(flags: readonly string[] = []): Promise<LocalConsole> {
  const data = join(temporaryDirectory(), 'console')
  // A directory that others may enter: what is written there must guard itself.
  mkdirSync(data)
  chmodSync(data, 0o755)
  const host = await LocalConsole.start(data, ['--log-level', 'info', ...flags])
  onTestFinished(() => host.crash())
  return host
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name))
}

const names = Object.keys(contract) as MethodName[]
/** What hostile or broken callers send where a text, a number or an object is wanted. */
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    'a',
    '../../etc/passwd',
    '\u0000',
    '\ud800',
    'constructor',
    '__proto__',
    'x'.repeat(5000),
    '0'.repeat(32),
    'a = b',
    'tag:',
    '(((',
  ),
  fc.constantFrom(0, -1, 1, 0.5, 1e308, Number.MAX_SAFE_INTEGER, 1024),
  fc.boolean(),
  fc.constant(null),
)
const anything = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 8 }), leaf, { maxKeys: 3 }))

/** Inputs whose fields are those of the method, each with a value that fits or does not. */
function inputOf(name: MethodName): fc.Arbitrary<unknown> {
  const fields = Object.keys(contract[name].input.shape)
  const record = fc.record(Object.fromEntries(fields.map((field) => [field, anything])), { requiredKeys: [] })
  return fc.oneof({ weight: 6, arbitrary: record }, { weight: 1, arbitrary: anything })
}

test('case 50: no method, whatever it is given, ends in an internal error, and the console goes on', async () => {
  const host = await started()
  const rpc = host.rpc!
  const call = fc.constantFrom(...names).chain((method) => fc.tuple(fc.constant(method), inputOf(method)))
  const ids = fc.oneof(
    { weight: 4, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }) },
  )
  await fc.assert(
    fc.asyncProperty(call, ids, async ([method, input], commandId) => {
      const isCommand = contract[method].kind === 'command'
      const outcome = await rpc.callAny(method, input, isCommand ? { commandId } : {}).then(
        () => 'ok',
        (error: unknown) => (error instanceof Problem ? error.code : String(error)),
      )
      expect([outcome, outcome === 'ok' || isProblemCode(outcome)]).toEqual([outcome, true])
      expect(outcome).not.toBe('internal')
    }),
    { numRuns: 1500 },
  )
  expect(host.program!.child.exitCode).toBeNull()
}, 60_000)

test('whatever is written, also into a directory that others may enter, is readable by its owner only', async () => {
  const host = await started()
  await host.rpc!.call('devices.createCode', {})
  const exposed = filesIn(host.data).filter((file) => (statSync(file).mode & 0o077) !== 0)
  expect(exposed).toEqual([])
})

test('neither the token nor the secret of a code stands in the log', async () => {
  const host = await started()
  const { code } = await host.rpc!.call('devices.createCode', {})
  const { token, url } = host.address
  await fetch(`${url}/uploads/${'0'.repeat(32)}`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, origin: url }, body: 'x' })
  await fetch(`${url}/rpc?token=${token}`).catch(() => undefined)
  await host.stop()
  const output = host.program!.output()
  expect([output.includes(token), output.includes(code.split('.')[2]!)]).toEqual([false, false])
})

test('case 57: a command that is resent after a restart does nothing twice', async () => {
  const host = await started()
  const commandId = 'the-one-command'
  const first = await host.rpc!.call('devices.createCode', { labels: { site: 'lyon' } }, { commandId })
  await host.crash()
  await host.launch()
  expect(await host.rpc!.call('devices.createCode', { labels: { site: 'lyon' } }, { commandId })).toEqual(first)
  await expect(host.rpc!.call('devices.createCode', { labels: { site: 'nice' } }, { commandId })).rejects.toMatchObject({
    code: 'input.invalid',
  })
})

test('a name of a fleet that the interface could not show is refused at the start', async () => {
  const data = join(temporaryDirectory(), 'console')
  await expect(LocalConsole.start(data, ['--fleet', 'x'.repeat(201)])).rejects.toThrow(/usage/)
})

test('orders and codes of many connections at once make one audit chain', async () => {
  const host = await started()
  const calls = Array.from({ length: 60 }, (_, i) =>
    host.rpc!.call('devices.createCode', { labels: { n: String(i) } }, { commandId: `c-${i % 30}` }).catch((error: Problem) => error.code),
  )
  const ends = await Promise.all(calls)
  // The same id with another input is another command: refused, and not in the chain.
  expect(ends.filter((end) => end === 'input.invalid').length).toBe(30)
  await host.stop()
  const db = new Database(join(host.data, 'fleet.db'), { readonly: true })
  onTestFinished(() => void db.close())
  const entries = db.prepare<[], AuditEntry>('SELECT * FROM audit ORDER BY seq').all()
  expect(entries.map(({ seq, previous_hash }) => [seq, previous_hash])).toEqual(
    entries.map((_, i) => [i + 1, i === 0 ? '' : entries[i - 1]!.hash]),
  )
  for (const { seq, at, actor, action, detail, previous_hash, hash } of entries)
    expect(
      createHash('sha256')
        .update(JSON.stringify([seq, at, actor, action, detail, previous_hash]))
        .digest('hex'),
    ).toBe(hash)
  expect(entries.filter(({ action }) => action === 'devices.createCode').length).toBe(30)
})

interface AuditEntry {
  seq: number
  at: number
  actor: string
  action: string
  detail: string
  previous_hash: string
  hash: string
}
