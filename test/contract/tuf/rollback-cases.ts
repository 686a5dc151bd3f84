import { expect, test } from 'vitest'
import { TufDriver } from '../../harness/tuf-driver.ts'
import { TufSimulator } from '../../harness/tuf-simulator.ts'

// The cases of the public conformance suite of TUF (test_rollback), as cases of ours. Names are those of the suite.

const started = async (): Promise<TufDriver> => {
  const client = new TufDriver(new TufSimulator())
  expect(await client.refresh()).toBe(0)
  return client
}

test('simple_snapshot_rollback', async () => {
  const client = await started()
  client.repository.publish('snapshot', 'timestamp')
  expect(await client.refresh()).toBe(0)
  client.repository.published['snapshot']!.pop()
  expect(await client.refresh()).toBe(0)
  expect(client.version('snapshot')).toBe(2)
  expect(client.repository.asked.at(-1)).toEqual(['timestamp', null])
})

test('new_timestamp_version_rollback', async () => {
  const client = await started()
  client.repository.publish('timestamp')
  expect(await client.refresh()).toBe(0)
  client.repository.parts['timestamp']!.version = 1
  client.repository.publishAsIs('timestamp')
  expect(await client.refresh()).toBe(1)
  expect(client.version('timestamp')).toBe(2)
  expect(client.repository.asked.at(-1)).toEqual(['timestamp', null])
})

test.each([false, true])('snapshot_rollback: with hashes %s', async (hashes) => {
  const repository = new TufSimulator()
  repository.hashesInMetadata = hashes
  const client = new TufDriver(repository)
  repository.publish('snapshot', 'timestamp')
  expect(await client.refresh()).toBe(0)
  repository.parts['snapshot']!.version = 1
  repository.publishAsIs('snapshot')
  repository.publish('timestamp')
  expect(await client.refresh()).toBe(1)
  expect(client.trusted()).toMatchObject({ timestamp: 2, snapshot: 2 })
  expect(repository.asked.at(-1)).toEqual(['timestamp', null])
})

test('new_targets_fast_forward_recovery', async () => {
  const client = await started()
  const { repository } = client
  repository.parts['targets']!.version = 99
  repository.publish('targets', 'snapshot', 'timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.version('targets')).toBe(100)
  repository.rotateKeys('snapshot')
  repository.parts['targets']!.version = 1
  repository.publish('root', 'targets', 'snapshot', 'timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.version('targets')).toBe(2)
})

test('new_snapshot_fast_forward_recovery', async () => {
  const client = await started()
  const { repository } = client
  repository.parts['snapshot']!.version = 99_998
  repository.publish('snapshot', 'timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.version('snapshot')).toBe(99_999)
  repository.rotateKeys('snapshot')
  repository.rotateKeys('timestamp')
  repository.parts['snapshot']!.version = 1
  repository.publish('root')
  repository.publishAsIs('snapshot')
  repository.publish('timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.version('snapshot')).toBe(1)
})

test('new_timestamp_fast_forward_recovery', async () => {
  const client = await started()
  const { repository } = client
  repository.parts['timestamp']!.version = 99
  repository.publish('timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.version('timestamp')).toBe(100)
  repository.rotateKeys('timestamp')
  repository.publish('root')
  repository.parts['timestamp']!.version = 1
  repository.publishAsIs('timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.version('timestamp')).toBe(1)
})

test('new_snapshot_version_mismatch', async () => {
  const repository = new TufSimulator()
  const client = new TufDriver(repository)
  // There is a newer snapshot, but the timestamp does not name it.
  repository.publish('snapshot')
  repository.timestampMeta.version -= 1
  repository.publish('root', 'timestamp')
  expect(await client.refresh()).toBe(0)
  expect(client.trusted()).toEqual({ root: 2, snapshot: 1, targets: 1, timestamp: 2 })
})

test.each([false, true])('targets_rollback: with hashes %s', async (hashes) => {
  const repository = new TufSimulator()
  repository.hashesInMetadata = hashes
  const client = new TufDriver(repository)
  repository.publish('targets')
  repository.publish('targets', 'snapshot', 'timestamp')
  expect(await client.refresh()).toBe(0)
  const before = client.version('snapshot')
  repository.parts['targets']!.version = 1
  repository.publishAsIs('targets')
  repository.publish('snapshot', 'timestamp')
  expect(await client.refresh()).toBe(1)
  expect([client.version('snapshot'), client.version('targets')]).toEqual([before, 3])
})
