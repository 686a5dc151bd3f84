import { expect, test } from 'vitest'
import { versionSummary } from '../../../../shared/rpc/contract/models.ts'
import { findVersions, versionNamed } from '../../../../renderer/screens/deployments/version-options.ts'

const version = (model: string, name: string, importedAt: number, aliases: string[] = []) =>
  versionSummary.parse({
    ...{ model, version: name, digest: `${model}${name}`, task: 'classification', sizeBytes: 1, importedAt, sourceName: 'x.onnx' },
    ...{ importedBy: null, stage: 'released', metrics: {}, interval: null, devices: { desired: 0, active: 0 }, aliases },
  })
const versions = [version('wine', '1.0.0', 1), version('digits', '1.0.0', 2, ['production']), version('digits', '1.1.0', 3)]
const found = (text: string): string[] => findVersions(versions, text).map((one) => `${one.model}@${one.version}`)

test('every word of the search is found in model, version or alias; the newest of a model comes first', () => {
  expect(found('')).toEqual(['digits@1.1.0', 'digits@1.0.0', 'wine@1.0.0'])
  expect(found('digits@1.1')).toEqual(['digits@1.1.0'])
  expect(found('DIG prod')).toEqual(['digits@1.0.0'])
  expect(found('digits nothing')).toEqual([])
})

test('a name is a version, or an alias of that model', () => {
  expect(versionNamed(versions, 'digits', 'production')?.version).toBe('1.0.0')
  expect(versionNamed(versions, 'digits', '1.1.0')?.version).toBe('1.1.0')
  expect(versionNamed(versions, 'wine', 'production')).toBeNull()
})
