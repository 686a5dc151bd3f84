import { describe, expect, test } from 'vitest'
import { TufDriver } from '../../harness/tuf-driver.ts'
import { TufSimulator } from '../../harness/tuf-simulator.ts'

// The cases of the public conformance suite of TUF (test_file_download, test_quoting_issues, test_updater_delegation_graphs), as cases of ours. Names
// are those of the suite.

const withArtifact = (path: string, content: string, hashes?: string[]): TufDriver => {
  const repository = new TufSimulator()
  repository.addArtifact('targets', path, content, hashes)
  repository.publish('targets', 'snapshot', 'timestamp')
  return new TufDriver(repository)
}

describe('artifacts', () => {
  test.each([
    ['client_downloads_expected_file', 'target_file.txt'],
    ['client_downloads_expected_file_in_sub_dir', 'path/to/a/target_file.txt'],
  ])('%s', async (_, path) => {
    const client = withArtifact(path, 'target file contents')
    expect(await client.refresh()).toBe(0)
    expect(client.downloads()).toEqual([])
    expect(await client.download(path)).toBe(0)
    expect(client.downloads()).toEqual(['target file contents'])
  })

  // The one case that tuf-js itself is listed as failing in its own run of the suite.
  test('artifact_cache', async () => {
    const client = withArtifact('target_file.txt', 'target file contents')
    expect(await client.download('target_file.txt')).toBe(0)
    expect(await client.download('target_file.txt')).toBe(0)
    expect(client.repository.artifactsAsked).toEqual(['target_file.txt'])
  })

  test('repository_substitutes_target_file', async () => {
    const client = withArtifact('target_file.txt', 'target file contents')
    const { repository } = client
    repository.addArtifact('targets', 'another.txt', 'content')
    repository.publish('targets', 'snapshot', 'timestamp')
    expect(await client.download('target_file.txt')).toBe(0)
    for (const path of ['target_file.txt', 'another.txt']) repository.artifacts[path] = Buffer.from('malicious data')
    expect(await client.download('target_file.txt')).toBe(0)
    expect(await client.download('another.txt')).toBe(1)
    expect(client.downloads()).toEqual(['target file contents'])
  })

  test('multiple_changes_to_target', async () => {
    const client = withArtifact('target_file.txt', 'first')
    const { repository } = client
    expect(await client.download('target_file.txt')).toBe(0)
    for (let i = 0; i < 11; i += 1) {
      repository.addArtifact('targets', 'target_file.txt', `modified ${i}`)
      repository.addArtifact('targets', `new-${i}`, `new ${i}`)
      repository.publish('targets', 'snapshot', 'timestamp')
      if (i % 5 !== 0) continue
      expect(await client.download('target_file.txt')).toBe(0)
      expect(await client.download(`new-${i}`)).toBe(0)
      const before = client.downloads()
      expect(before).toContain(`modified ${i}`)
      repository.artifacts['target_file.txt'] = Buffer.from(`malicious ${i}`)
      repository.publish('targets', 'snapshot', 'timestamp')
      await client.download('target_file.txt')
      expect(client.downloads()).toEqual(before)
    }
  })

  test.each([[['sha256']], [['sha512']], [['sha256', 'sha512']]])('download_with_hash_algorithms: %s', async (hashes) => {
    const client = withArtifact('target_file.txt', 'target file contents', hashes)
    expect(await client.download('target_file.txt')).toBe(0)
    expect(client.repository.artifactsAsked).toHaveLength(1)
  })

  test('download_with_unknown_hash_algorithm', async () => {
    const client = withArtifact('target_file.txt', 'target file contents', ['sha512'])
    const target = client.repository.targets().targets['target_file.txt']!
    target.hashes = { 'unknown-hash': target.hashes['sha512']! }
    client.repository.publish('targets', 'snapshot', 'timestamp')
    expect(await client.download('target_file.txt')).toBe(1)
    expect(client.downloads()).toEqual([])
  })
})

test.each(['?', '#', '/delegatedrole', '../delegatedrole'])('unusual_role_name: %s', async (name) => {
  const repository = new TufSimulator()
  repository.addDelegation('targets', { name, terminating: false, paths: ['*'] })
  repository.publish(name, 'targets', 'snapshot', 'timestamp')
  const client = new TufDriver(repository)
  expect(await client.download('nonexistent target')).toBe(1)
  expect(repository.asked).toContainEqual([name, 1])
  expect(Object.keys(client.trusted())).toHaveLength(5)
})

type Edge = [from: string, to: string, change?: { terminating?: boolean; paths?: string[] }]

function graph(edges: Edge[]): TufSimulator {
  const repository = new TufSimulator()
  for (const [from, to, change] of edges) repository.addDelegation(from, { name: to, terminating: false, paths: ['*'], ...change })
  return repository
}

function publishAll(repository: TufSimulator): TufDriver {
  const client = new TufDriver(repository)
  const delegated = Object.keys(repository.parts).filter((role) => !['root', 'targets', 'snapshot', 'timestamp'].includes(role))
  repository.publish(...delegated, 'targets', 'snapshot', 'timestamp')
  return client
}

const py = { paths: ['*.py'] }
const ends = { terminating: true }
const graphs: { name: string; edges: Edge[]; visited: string[] }[] = [
  { name: 'basic-delegation', edges: [['targets', 'A']], visited: ['A'] },
  {
    name: 'single-level-delegations',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
    ],
    visited: ['A', 'B'],
  },
  {
    name: 'two-level-delegations',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['B', 'C'],
    ],
    visited: ['A', 'B', 'C'],
  },
  {
    name: 'two-level-test-DFS-order-of-traversal',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['A', 'C'],
      ['A', 'D'],
    ],
    visited: ['A', 'C', 'D', 'B'],
  },
  {
    name: 'three-level-delegation-test-DFS-order-of-traversal',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['A', 'C'],
      ['C', 'D'],
    ],
    visited: ['A', 'C', 'D', 'B'],
  },
  {
    name: 'two-level-terminating-ignores-all-but-roles-descendants',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['A', 'C', ends],
      ['A', 'D'],
    ],
    visited: ['A', 'C'],
  },
  {
    name: 'three-level-terminating-ignores-all-but-roles-descendants',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['A', 'C', ends],
      ['C', 'D'],
    ],
    visited: ['A', 'C', 'D'],
  },
  {
    name: 'two-level-ignores-all-branches-not-matching-paths',
    edges: [
      ['targets', 'A', py],
      ['targets', 'B'],
      ['A', 'C'],
    ],
    visited: ['B'],
  },
  {
    name: 'three-level-ignores-all-branches-not-matching-paths',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['A', 'C', py],
      ['C', 'D'],
    ],
    visited: ['A', 'B'],
  },
  {
    name: 'cyclic-graph',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['B', 'C'],
      ['C', 'D'],
      ['D', 'B'],
    ],
    visited: ['A', 'B', 'C', 'D'],
  },
  {
    name: 'two-roles-delegating-to-a-third',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['B', 'C'],
      ['A', 'C'],
    ],
    visited: ['A', 'C', 'B'],
  },
  {
    name: 'two-roles-delegating-to-a-third-different-paths',
    edges: [
      ['targets', 'A'],
      ['targets', 'B'],
      ['B', 'C'],
      ['A', 'C', py],
    ],
    visited: ['A', 'B', 'C'],
  },
]

test.each(graphs)('graph_traversal: $name', async ({ edges, visited }) => {
  const client = publishAll(graph(edges))
  expect(await client.download('missingpath')).toBe(1)
  expect(client.repository.asked.slice(4).map(([role]) => role)).toEqual(visited)
})

test.each([
  { name: 'no delegations', path: 'targetfile', found: true, visited: [] },
  { name: 'targetpath matches wildcard', path: 'README.md', found: true, visited: ['A'] },
  { name: 'targetpath with separators x', path: 'releases/x/x_v1', found: true, visited: ['B', 'C'] },
  { name: 'targetpath with separators y', path: 'releases/y/y_v1.zip', found: true, visited: ['B', 'D'] },
  { name: 'targetpath is not delegated by all roles in the chain', path: 'releases/z/z_v1.zip', found: false, visited: ['B'] },
])('targetfile_search: $name', async ({ path, found, visited }) => {
  const repository = graph([
    ['targets', 'A', { paths: ['*.doc', '*.md'] }],
    ['targets', 'B', { paths: ['releases/*/*'] }],
    ['B', 'C', { paths: ['releases/x/*'] }],
    ['B', 'D', { paths: ['releases/y/*.zip'] }],
  ])
  for (const [role, target] of [
    ['targets', 'targetfile'],
    ['A', 'README.md'],
    ['C', 'releases/x/x_v1'],
    ['D', 'releases/y/y_v1.zip'],
    ['D', 'releases/z/z_v1.zip'],
  ] as const)
    repository.addArtifact(role, target, `${target} by ${role}`)
  const client = publishAll(repository)
  expect(await client.download(path)).toBe(found ? 0 : 1)
  expect(repository.asked.slice(4).map(([role]) => role)).toEqual(visited)
  expect(client.downloads()).toHaveLength(found ? 1 : 0)
})
