import { describe, expect, test } from 'vitest'
import { incumbentOf, otherToCompare } from '../../../../renderer/screens/models/registry/incumbent.ts'
import { byVersion, registryRows } from '../../../../renderer/screens/models/registry/registry-rows.ts'
import { versionSummary, type VersionSummary } from '../../../../shared/rpc/contract/models.ts'

function summary(reference: string, parts: Partial<Record<keyof VersionSummary, unknown>> = {}): VersionSummary {
  const [model, version] = reference.split('@')
  return versionSummary.parse({
    ...{ model, version, digest: `${reference}-digest`, task: 'classification', sizeBytes: 10, importedAt: 1, importedBy: null },
    ...{ sourceName: `${model}.onnx`, metrics: {}, interval: null, stage: 'evaluated', devices: { desired: 0, active: 0 }, aliases: [] },
    ...parts,
  })
}

const names = (rows: ReturnType<typeof registryRows>): string[] => rows.map(({ version }) => `${version.model}@${version.version}`)

describe('the rows of the registry', () => {
  const versions = [
    summary('wine@1.0.0', { importedAt: 5, metrics: { accuracy: 0.99 }, sizeBytes: 90 }),
    summary('digits@1.0.0', { importedAt: 1, metrics: { accuracy: 0.9 }, aliases: ['production'], devices: { desired: 5, active: 5 } }),
    summary('digits@1.1.0', { importedAt: 2, metrics: { accuracy: 0.96 }, sizeBytes: 50 }),
    summary('digits@1.10.0', { importedAt: 3 }),
  ]
  const none = { column: '', descending: false }

  test('keep a model together, its newest version first', () => {
    const rows = registryRows(versions, { search: '', sort: none })
    expect(names(rows)).toEqual(['digits@1.10.0', 'digits@1.1.0', 'digits@1.0.0', 'wine@1.0.0'])
    expect(rows.map(({ isFirst, ofModel }) => [isFirst, ofModel])).toEqual([
      [true, 3],
      [false, 3],
      [false, 3],
      [true, 1],
    ])
  })

  test('every word of a search must be found: in the name, an alias, the file, the digest', () => {
    expect(names(registryRows(versions, { search: 'DIGITS prod', sort: none }))).toEqual(['digits@1.0.0'])
    expect(names(registryRows(versions, { search: 'wine.onnx', sort: none }))).toEqual(['wine@1.0.0'])
    expect(registryRows(versions, { search: 'digits wine', sort: none })).toEqual([])
  })

  test('a stage narrows them, and orders them by how far they are', () => {
    const staged = [summary('digits@1.0.0', { stage: 'released' }), summary('digits@2.0.0', { stage: 'draft' }), summary('wine@1.0.0')]
    expect(names(registryRows(staged, { search: '', stage: 'released', sort: none }))).toEqual(['digits@1.0.0'])
    expect(names(registryRows(staged, { search: 'wine', stage: 'released', sort: none }))).toEqual([])
    const sort = { column: 'stage', descending: true }
    expect(names(registryRows(staged, { search: '', stage: null, sort }))).toEqual(['digits@1.0.0', 'digits@2.0.0', 'wine@1.0.0'])
  })

  test('a sort orders versions within a model, and models by the one that leads', () => {
    expect(names(registryRows(versions, { search: '', sort: { column: 'metric', descending: true } }))).toEqual([
      'wine@1.0.0',
      'digits@1.1.0',
      'digits@1.0.0',
      'digits@1.10.0',
    ])
    expect(names(registryRows(versions, { search: '', sort: { column: 'size', descending: false } }))).toEqual([
      'digits@1.10.0',
      'digits@1.0.0',
      'digits@1.1.0',
      'wine@1.0.0',
    ])
    expect(names(registryRows(versions, { search: 'digits', sort: { column: 'version', descending: false } }))).toEqual([
      'digits@1.0.0',
      'digits@1.1.0',
      'digits@1.10.0',
    ])
  })

  test('the given list is not changed', () => {
    const before = versions.map(({ version }) => version)
    registryRows(versions, { search: '', sort: { column: 'size', descending: true } })
    expect(versions.map(({ version }) => version)).toEqual(before)
  })
})

describe('the order of versions', () => {
  test.each([
    ['1.9.0', '1.10.0'],
    ['1.10.0-rc1', '1.10.0'],
    ['1.0.0-rc2', '1.0.0-rc10'],
    ['2024-01', '2024-02'],
  ])('%s comes before %s', (a, b) => {
    expect(byVersion(a, b)).toBeLessThan(0)
    expect(byVersion(b, a)).toBeGreaterThan(0)
  })
})

describe('what a version is measured against', () => {
  const at = (importedAt: number) => ({ importedAt })

  test('production goes before what most devices run, that before what was imported before it', () => {
    const old = summary('digits@1.0.0', { ...at(1), aliases: ['production'] })
    const most = summary('digits@1.1.0', { ...at(2), devices: { desired: 9, active: 9 } })
    const next = summary('digits@1.2.0', at(3))
    expect(incumbentOf([old, most, next], next)).toMatchObject({ version: { version: '1.0.0' }, why: 'production' })
    expect(incumbentOf([most, next, summary('digits@1.0.0', at(1))], next)).toMatchObject({
      version: { version: '1.1.0' },
      why: 'most devices',
    })
    expect(incumbentOf([summary('digits@1.0.0', at(1)), next], next)).toMatchObject({
      version: { version: '1.0.0' },
      why: 'imported before',
    })
  })

  test('the first of all has none, but can be compared with a later one', () => {
    const first = summary('digits@1.0.0', { ...at(1), aliases: ['production'] })
    const later = summary('digits@1.1.0', at(2))
    expect(incumbentOf([first, later], first)).toBeNull()
    expect(otherToCompare([first, later], first)?.version).toBe('1.1.0')
    expect(otherToCompare([first], first)).toBeNull()
  })
})
