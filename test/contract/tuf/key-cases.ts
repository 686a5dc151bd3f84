import { describe, expect, test } from 'vitest'
import { TufDriver } from '../../harness/tuf-driver.ts'
import { makeSigner, TufSimulator } from '../../harness/tuf-simulator.ts'

// The cases of the public conformance suite of TUF (test_keys, test_updater_key_rotations), as cases of ours. Names are those of the suite.

interface SignatureEntry {
  keyid: string
  sig: string
}

/** Changes the signatures of the newest file of a role; what is signed stays as it is. */
function changeSignatures(repository: TufSimulator, role: string, change: (signatures: SignatureEntry[]) => SignatureEntry[]): void {
  const last = repository.published[role]!.at(-1)!
  const file = JSON.parse(last.bytes.toString()) as { signatures: SignatureEntry[] }
  last.bytes = Buffer.from(JSON.stringify({ ...file, signatures: change(file.signatures) }))
}

describe('keys', () => {
  test('snapshot_does_not_meet_threshold', async () => {
    const repository = new TufSimulator()
    repository.root.roles['snapshot']!.threshold = 3
    repository.addKey('snapshot')
    repository.addKey('snapshot')
    repository.publish('root', 'targets', 'snapshot', 'timestamp')
    const client = new TufDriver(repository)
    expect(await client.refresh()).toBe(0)
    repository.signers['snapshot']!.pop()
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.version('snapshot')).not.toBe(3)
  })

  test('snapshot_has_too_few_keys', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    for (let i = 0; i < 4; i += 1) repository.addKey('snapshot')
    repository.root.roles['snapshot']!.threshold = 6
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect([client.version('root'), client.version('snapshot')]).toEqual([2, null])
  })

  test('root_has_keys_but_not_snapshot', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    await client.refresh()
    repository.addKey('snapshot')
    repository.addKey('snapshot')
    repository.root.roles['snapshot']!.threshold = 3
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(0)
    // Two keys that the root names have signed nothing.
    for (const signer of [makeSigner(), makeSigner()]) {
      repository.root.roles['snapshot']!.keyids.push(signer.keyid)
      repository.root.keys[signer.keyid] = signer.key
    }
    repository.root.roles['snapshot']!.threshold = 5
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect([client.version('root'), client.version('snapshot')]).toEqual([3, 2])
  })

  test('duplicate_keys: one key named many times, and its signature as often', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    const signer = repository.addKey('snapshot')
    for (let i = 0; i < 8; i += 1) repository.root.roles['snapshot']!.keyids.push(signer.keyid)
    repository.root.roles['snapshot']!.threshold = 6
    repository.publish('root', 'snapshot', 'timestamp')
    changeSignatures(repository, 'snapshot', (signatures) => [...signatures, ...Array.from({ length: 8 }, () => signatures.at(-1)!)])
    expect(await client.refresh()).toBe(1)
    expect(client.version('snapshot')).toBeNull()
  })

  test('duplicate_keys: one key under many ids', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    const signer = repository.addKey('snapshot')
    for (let i = 0; i < 8; i += 1) {
      const keyid = `${i}${signer.keyid.slice(1)}`
      repository.root.roles['snapshot']!.keyids.push(keyid)
      repository.root.keys[keyid] = signer.key
      repository.signers['snapshot']!.push({ ...signer, keyid })
    }
    repository.root.roles['snapshot']!.threshold = 6
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.version('snapshot')).toBeNull()
  })

  test('duplicate_sig_keyids', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    changeSignatures(repository, 'snapshot', (signatures) => [...signatures, signatures[0]!])
    expect(await client.refresh()).toBe(1)
    expect(client.version('snapshot')).toBeNull()
  })

  test.each(['of other bytes', 'empty'])('invalid_sig_in_valid_metadata: %s', async (kind) => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    const [first] = repository.signers['timestamp']!
    repository.addKey('timestamp')
    repository.publish('root', 'timestamp')
    const sig = kind === 'empty' ? '' : first!.sign(Buffer.from('other bytes'))
    changeSignatures(repository, 'timestamp', (signatures) => signatures.map((one) => (one.keyid === first!.keyid ? { ...one, sig } : one)))
    // One good signature is enough for the threshold of this role.
    expect(await client.refresh()).toBe(0)
    expect(client.version('timestamp')).toBe(2)
  })

  test.each([
    ['rsa', 'rsassa-pss-sha256'],
    ['ecdsa', 'ecdsa-sha2-nistp256'],
    ['ed25519', 'ed25519'],
  ])('keytype_and_scheme: %s/%s', async (keytype, scheme) => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    const signer = repository.addKey('root', makeSigner(keytype, scheme))
    repository.root.roles['root']!.threshold += 1
    repository.publish('root')
    expect(await client.refresh()).toBe(0)
    expect(client.version('root')).toBe(2)
    repository.publish('root')
    const other = makeSigner(keytype, scheme).sign(Buffer.from('other bytes'))
    changeSignatures(repository, 'root', (signatures) =>
      signatures.map((one) => (one.keyid === signer.keyid ? { ...one, sig: other } : one)),
    )
    expect(await client.refresh()).toBe(1)
    expect(client.version('root')).toBe(2)
  })
})

interface Step {
  keys: number[]
  threshold: number
  sigs: number[]
}
const step = (keys: number[], threshold: number, sigs: number[]): Step => ({ keys, threshold, sigs })
const five = [0, 1, 2, 3, 4]

const rootRotations: { name: string; steps: Step[]; ok: boolean }[] = [
  { name: '1-of-1-key-rotation', steps: [step([1], 1, [1]), step([2], 1, [2, 1]), step([2], 1, [2])], ok: true },
  {
    name: '1-of-1-key-rotation-unused-signatures',
    steps: [step([1], 1, [3, 1, 4]), step([2], 1, [3, 2, 1, 4]), step([2], 1, [3, 2, 4])],
    ok: true,
  },
  {
    name: '3-of-5-sign-with-different-keycombos',
    steps: [step(five, 3, [0, 2, 4]), step(five, 3, [0, 4, 1]), step(five, 3, [0, 1, 3]), step(five, 3, [0, 1, 3])],
    ok: true,
  },
  { name: '3-of-5-one-key-rotated', steps: [step(five, 3, [0, 2, 4]), step([0, 1, 3, 4, 5], 3, [0, 4, 1])], ok: true },
  {
    name: '3-of-5-one-key-rotated-with-intermediate-step',
    steps: [step(five, 3, [0, 2, 4]), step([0, 1, 3, 4, 5], 3, [0, 2, 4, 5]), step([0, 1, 3, 4, 5], 3, [0, 4, 5])],
    ok: true,
  },
  {
    name: '3-of-5-all-keys-rotated-with-intermediate-step',
    steps: [step(five, 3, [0, 2, 4]), step([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7]), step([5, 6, 7, 8, 9], 3, [5, 6, 7])],
    ok: true,
  },
  { name: '1-of-3-threshold-increase-to-2-of-3', steps: [step([1, 2, 3], 1, [1]), step([1, 2, 3], 2, [1, 2])], ok: true },
  {
    name: '2-of-3-threshold-decrease-to-1-of-3',
    steps: [step([1, 2, 3], 2, [1, 2]), step([1, 2, 3], 1, [1, 2]), step([1, 2, 3], 1, [1])],
    ok: true,
  },
  { name: '1-of-2-threshold-increase-to-2-of-2', steps: [step([1], 1, [1]), step([1, 2], 2, [1, 2])], ok: true },
  { name: '1-of-1-key-rotation-fail-not-signed-with-old-key', steps: [step([1], 1, [1]), step([2], 1, [2, 3, 4])], ok: false },
  { name: '1-of-1-key-rotation-fail-not-signed-with-new-key', steps: [step([1], 1, [1]), step([2], 1, [1, 3, 4])], ok: false },
  {
    name: '3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys',
    steps: [step(five, 3, [0, 2, 4]), step([0, 1, 3, 4, 5], 3, [0, 2, 4])],
    ok: false,
  },
  {
    name: '3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys',
    steps: [step(five, 3, [0, 2, 4]), step([0, 1, 3, 4, 5], 3, [0, 4, 5])],
    ok: false,
  },
  {
    name: '1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached',
    steps: [step([1, 2, 3], 1, [1]), step([1, 2, 3], 2, [2])],
    ok: false,
  },
  {
    name: '2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached',
    steps: [step([1, 2, 3], 2, [1, 2]), step([1, 2, 3], 1, [1])],
    ok: false,
  },
]

test.each(rootRotations)('root_rotation: $name', async ({ steps, ok }) => {
  const repository = new TufSimulator()
  const signers = Array.from({ length: 10 }, () => makeSigner())
  delete repository.published['root']
  repository.root.version = 0
  for (const { keys, threshold, sigs } of steps) {
    repository.root.roles['root'] = { keyids: [], threshold }
    repository.signers['root'] = []
    for (const key of keys) repository.addKey('root', signers[key])
    repository.signers['root'] = sigs.map((key) => signers[key]!)
    repository.root.version += 1
    repository.publishAsIs('root')
  }
  const roots = repository.published['root']!
  const client = new TufDriver(repository, roots[0]!.bytes)
  expect(await client.refresh()).toBe(ok ? 0 : 1)
  expect(client.bytes('root')).toEqual(roots.at(ok ? -1 : -2)!.bytes)
})

const otherRotations: { name: string; step: Step; ok: boolean }[] = [
  { name: '1-of-1-key-rotation', step: step([2], 1, [2]), ok: true },
  { name: '1-of-1-key-rotation-unused-signatures', step: step([1], 1, [3, 1, 4]), ok: true },
  { name: '1-of-1-key-rotation-fail-not-signed-with-new-key', step: step([2], 1, [1, 3, 4]), ok: false },
  { name: '3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys', step: step([0, 1, 3, 4, 5], 3, [0, 2, 4]), ok: false },
  { name: '2-of-5-one-key-signature-missing-threshold-not-reached', step: step([0, 1, 3, 4, 5], 3, [0, 4]), ok: false },
  { name: '3-of-5-sign-first-combo', step: step(five, 3, [0, 2, 4]), ok: true },
  { name: '3-of-5-sign-second-combo', step: step(five, 3, [0, 4, 1]), ok: true },
  { name: '3-of-5-sign-third-combo', step: step(five, 3, [0, 1, 3]), ok: true },
  { name: '3-of-5-sign-fourth-combo', step: step(five, 3, [1, 2, 3]), ok: true },
  { name: '3-of-5-sign-fifth-combo', step: step(five, 3, [2, 3, 4]), ok: true },
]

test.each(otherRotations)('non_root_rotations: $name', async ({ step: { keys, threshold, sigs }, ok }) => {
  const repository = new TufSimulator()
  const client = new TufDriver(repository)
  const signers = Array.from({ length: 10 }, () => makeSigner())
  for (const role of ['timestamp', 'snapshot', 'targets']) {
    repository.root.roles[role] = { keyids: [], threshold }
    for (const key of keys) repository.addKey(role, signers[key])
    repository.signers[role] = sigs.map((key) => signers[key]!)
    repository.publish('root')
    for (const one of ['targets', 'snapshot', 'timestamp']) repository.publishAsIs(one)
    expect(await client.refresh()).toBe(ok ? 0 : 1)
    if (ok) expect(client.bytes(role)).toEqual(repository.published[role]!.at(-1)!.bytes)
  }
})
