import { describe, expect, test } from 'vitest'
import { TufDriver } from '../../harness/tuf-driver.ts'
import { makeSigner, timeText, TufSimulator } from '../../harness/tuf-simulator.ts'

// The cases of the public conformance suite of TUF (theupdateframework/tuf-conformance: test_basic, test_expiration, test_delegated_expiration), as
// cases of ours against the client of the agent. Names are those of the suite.
const DAY_MS = 86_400_000
const firstAsked = [
  ['root', 2],
  ['timestamp', null],
  ['snapshot', 1],
  ['targets', 1],
]
const allAtOne = { root: 1, snapshot: 1, targets: 1, timestamp: 1 }

describe('basic', () => {
  test('basic_refresh_requests, basic_refresh_trusted_data', async () => {
    const client = new TufDriver(new TufSimulator())
    expect(await client.refresh()).toBe(0)
    expect(client.repository.asked).toEqual(firstAsked)
    expect(client.trusted()).toEqual(allAtOne)
    for (const role of Object.keys(allAtOne)) expect(client.bytes(role)).toEqual(client.repository.published[role]!.at(-1)!.bytes)
  })

  test('implicit_refresh', async () => {
    const client = new TufDriver(new TufSimulator())
    expect(await client.download('nonexistent artifact')).toBe(1)
    expect(client.repository.asked).toEqual(firstAsked)
    expect(client.trusted()).toEqual(allAtOne)
  })

  test.each(['invalid_initial_root', 'unsigned_initial_root'])('%s', async (name) => {
    const repository = new TufSimulator()
    const root = JSON.parse(repository.published['root']![0]!.bytes.toString()) as {
      signed: { version?: number }
      signatures: { sig: string }[]
    }
    if (name === 'invalid_initial_root') delete root.signed.version
    else root.signatures[0]!.sig = '30'.repeat(70)
    const client = new TufDriver(repository, Buffer.from(JSON.stringify(root)))
    expect(await client.refresh()).toBe(1)
    expect(repository.asked).toEqual([])
  })

  test.each([
    ['root', { root: 1 }],
    ['timestamp', { root: 1 }],
    ['snapshot', { root: 1, timestamp: 1 }],
    ['targets', { root: 1, snapshot: 1, timestamp: 1 }],
  ])('unsigned_metadata: %s', async (role, trusted) => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    for (const one of ['targets', 'snapshot', 'timestamp']) delete repository.published[one]
    repository.signers[role]!.pop()
    if (role === 'root') repository.publish('root')
    else for (const one of ['targets', 'snapshot', 'timestamp']) repository.publishAsIs(one)
    expect(await client.refresh()).toBe(1)
    expect(client.trusted()).toEqual(trusted)
  })

  test('timestamp_content_changes', async () => {
    const client = new TufDriver(new TufSimulator())
    const { repository } = client
    await client.refresh()
    const before = client.bytes('timestamp')
    repository.timestampMeta.version = 100
    repository.publishAsIs('timestamp')
    expect(await client.refresh()).toBe(0)
    expect(repository.asked.at(-1)).toEqual(['timestamp', null])
    expect(client.bytes('timestamp')).toEqual(before)
  })

  test('basic_metadata_hash_support', async () => {
    const repository = new TufSimulator()
    repository.hashesInMetadata = true
    repository.publish('targets', 'snapshot', 'timestamp')
    const client = new TufDriver(repository)
    expect(await client.refresh()).toBe(0)
    repository.publish('targets')
    repository.snapshotMeta['targets.json']!.hashes = { sha256: '46'.repeat(32) }
    repository.publish('snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.trusted()).toMatchObject({ snapshot: 3, targets: 2 })
  })

  test('metadata_bytes_match', async () => {
    const client = new TufDriver(new TufSimulator())
    const last = client.repository.published['timestamp']!.at(-1)!
    last.bytes = Buffer.concat([last.bytes, Buffer.from(' ')])
    expect(await client.refresh()).toBe(0)
    expect(client.bytes('timestamp')).toEqual(last.bytes)
  })

  test('custom_fields', async () => {
    const client = new TufDriver(new TufSimulator())
    const { root } = client.repository
    await client.refresh()
    root['custom-field'] = 'value'
    client.repository.addKey('root', makeSigner('ed25519', 'ed25519', { 'extra-field': { a: 1, b: 2 } }))
    root.roles['root']!['another-field'] = 'value'
    client.repository.publish('root')
    expect(await client.refresh()).toBe(0)
    expect(client.version('root')).toBe(2)
  })

  test('deprecated_keyid_hash_algorithms', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    repository.root.roles['snapshot']!.keyids = []
    repository.signers['snapshot'] = []
    repository.addKey('snapshot', makeSigner('ed25519', 'ed25519', { keyid_hash_algorithms: ['md5'] }))
    repository.publish('root', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(0)
    expect(client.trusted()).toMatchObject({ root: 2, snapshot: 2 })
  })

  test('snapshot_404', async () => {
    const client = new TufDriver(new TufSimulator())
    await client.refresh()
    client.repository.timestampMeta.version += 1
    client.repository.publish('timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.repository.asked.at(-1)).toEqual(['snapshot', 2])
    expect(client.trusted()).toEqual({ root: 1, snapshot: 1, targets: 1, timestamp: 2 })
  })

  test('targets_404', async () => {
    const client = new TufDriver(new TufSimulator())
    await client.refresh()
    client.repository.snapshotMeta['targets.json']!.version += 1
    client.repository.publish('snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.repository.asked.at(-1)).toEqual(['targets', 2])
    expect(client.trusted()).toEqual({ root: 1, snapshot: 2, targets: 1, timestamp: 2 })
  })

  test('timestamp_404', async () => {
    const client = new TufDriver(new TufSimulator())
    await client.refresh()
    delete client.repository.published['timestamp']
    expect(await client.refresh()).toBe(1)
    expect(client.repository.asked.at(-1)).toEqual(['timestamp', null])
  })

  test('incorrect_metadata_type', async () => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    repository.addKey('snapshot', repository.signers['timestamp']![0])
    repository.parts['snapshot']!['meta'] = { 'snapshot.json': { version: 1 } }
    repository.publish('root', 'snapshot')
    repository.published['timestamp']!.push(repository.published['snapshot']!.pop()!)
    expect(await client.refresh()).toBe(1)
    expect(client.trusted()).toEqual({ root: 2 })
  })

  test.each([
    ['root', { root: 1 }],
    ['snapshot', { root: 2, timestamp: 2 }],
    ['targets', { root: 2, snapshot: 2, timestamp: 2 }],
  ])('url_and_metadata_version_mismatch: %s', async (role, trusted) => {
    const repository = new TufSimulator()
    const client = new TufDriver(repository)
    // What is served under version 2, and is called so by whoever names it, says that it is version 3.
    repository.parts[role]!.version += 1
    repository.publish('root', 'targets', 'snapshot', 'timestamp')
    const file = repository.published[role]!.at(-1)!
    expect(file.version).toBe(3)
    file.version = 2
    if (role === 'targets') repository.snapshotMeta['targets.json']!.version = 2
    if (role === 'snapshot') repository.timestampMeta.version = 2
    for (const naming of role === 'targets' ? ['snapshot', 'timestamp'] : role === 'snapshot' ? ['timestamp'] : []) {
      repository.published[naming]!.pop()
      repository.publishAsIs(naming)
    }
    expect(await client.refresh()).toBe(1)
    expect(client.trusted()).toEqual(trusted)
  })
})

describe('expiration', () => {
  const expired = (repository: TufSimulator, role: string, days: number): void => {
    repository.parts[role]!.expires = timeText(repository.now - days * DAY_MS)
  }

  test('faketime', async () => {
    const client = new TufDriver(new TufSimulator())
    client.repository.root.expires = timeText(client.repository.now + 7 * DAY_MS)
    client.repository.publish('root')
    expect(await client.refresh()).toBe(0)
    expect(await client.refresh(8)).toBe(1)
  })

  test('root_expired', async () => {
    const client = new TufDriver(new TufSimulator())
    await client.refresh()
    client.repository.publish('root')
    await client.refresh()
    expired(client.repository, 'root', 1)
    client.repository.publish('root', 'targets', 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.trusted()).toEqual({ root: 3, snapshot: 1, targets: 1, timestamp: 1 })
  })

  test('timestamp_expired', async () => {
    const client = new TufDriver(new TufSimulator())
    await client.refresh()
    expired(client.repository, 'timestamp', 5)
    client.repository.publish('timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.version('timestamp')).toBe(1)
  })

  test.each(['snapshot', 'targets'])('%s_expired', async (role) => {
    const client = new TufDriver(new TufSimulator())
    await client.refresh()
    expired(client.repository, role, 5)
    client.repository.publish(...(role === 'targets' ? ['targets'] : []), 'snapshot', 'timestamp')
    expect(await client.refresh()).toBe(1)
    expect(client.version(role)).toBe(1)
  })

  test('expired_local_timestamp', async () => {
    const repository = new TufSimulator()
    repository.parts['timestamp']!.expires = timeText(repository.now + 7 * DAY_MS)
    repository.publish('timestamp')
    const client = new TufDriver(repository)
    expect(await client.refresh()).toBe(0)
    repository.parts['timestamp']!.expires = timeText(repository.now + 21 * DAY_MS)
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await client.refresh(18)).toBe(0)
    expect(client.trusted()).toEqual({ root: 1, snapshot: 2, targets: 2, timestamp: 3 })
  })

  test('expired_local_root', async () => {
    const repository = new TufSimulator()
    expired(repository, 'root', 1)
    repository.publishAsIs('root')
    const client = new TufDriver(repository)
    repository.root.expires = timeText(repository.now + DAY_MS)
    repository.publish('root')
    expect(await client.refresh()).toBe(0)
    expect(client.version('root')).toBe(2)
  })
})

describe('delegated expiration', () => {
  const delegated = (days: number): TufDriver => {
    const repository = new TufSimulator()
    repository.addDelegation(
      'targets',
      { name: 'delegated', terminating: false, paths: ['delegatedpath/*'] },
      repository.now + days * DAY_MS,
    )
    for (const path of ['first', 'second']) repository.addArtifact('delegated', `delegatedpath/${path}`, path)
    repository.publish('delegated', 'targets', 'snapshot', 'timestamp')
    return new TufDriver(repository)
  }

  test('delegated_targets_expired', async () => {
    const client = delegated(-1)
    expect(await client.refresh()).toBe(0)
    expect(await client.download('delegatedpath/first')).toBe(1)
    expect([client.downloads(), client.trusted()]).toEqual([[], { root: 1, snapshot: 2, targets: 2, timestamp: 2 }])
  })

  test('expired_local_delegated_targets', async () => {
    const client = delegated(7)
    expect(await client.download('delegatedpath/first')).toBe(0)
    expect(await client.download('delegatedpath/second', 18)).toBe(1)
    expect(client.downloads()).toEqual(['first'])
  })

  test('expired_local_delegated_targets_updates', async () => {
    const client = delegated(7)
    expect(await client.download('delegatedpath/first')).toBe(0)
    client.repository.parts['delegated']!.expires = timeText(client.repository.now + 21 * DAY_MS)
    client.repository.publish('delegated', 'snapshot', 'timestamp')
    expect(await client.download('delegatedpath/second', 18)).toBe(0)
    expect(client.downloads()).toEqual(['first', 'second'])
  })
})
