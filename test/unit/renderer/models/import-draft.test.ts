import { describe, expect, test } from 'vitest'
import { assignRoles, roleOfName, type FileRole } from '../../../../renderer/screens/models/import/file-roles.ts'
import { checkDraft, nextVersion, whyNotReady } from '../../../../renderer/screens/models/import/import-draft.ts'
import type { GivenFile } from '../../../../renderer/screens/models/import/upload-desk.ts'
import { contract } from '../../../../shared/rpc/contract.ts'

const roles = (names: string[], taken: FileRole[] = []): (FileRole | null)[] => assignRoles(names, new Set(taken)).map(({ role }) => role)

describe('what a file of an import is', () => {
  test('its name says it', () => {
    expect(['a.onnx', 'TRAIN.CSV', 'holdout.csv', 'test-set.csv', 'bundle.json', 'readme.md'].map(roleOfName)).toEqual([
      'model',
      'train',
      'holdout',
      'holdout',
      'bundle',
      null,
    ])
  })

  test('what an export of Hugging Face has beside its model is no bundle.json', () => {
    expect(roles(['config.json', 'model.onnx', 'model.onnx_data', 'tokenizer.json', 'bundle.json'])).toEqual([
      ...[null, 'model', null, null, 'bundle'],
    ])
  })

  test('two CSV files of one drop become training and hold-out rows', () => {
    expect(roles(['rows.csv', 'more.csv', 'm.onnx'])).toEqual(['train', 'holdout', 'model'])
    expect(roles(['a.csv', 'b.csv', 'c.csv'])).toEqual(['train', 'holdout', null])
    expect(roles(['a.onnx', 'b.onnx'])).toEqual(['model', null])
  })

  test('a name that is sure replaces what has the role; one that is not takes the free role', () => {
    expect(roles(['train.csv'], ['train'])).toEqual(['train'])
    expect(roles(['rows.csv'], ['train'])).toEqual(['holdout'])
    expect(roles(['rows.csv'], ['train', 'holdout'])).toEqual(['train'])
  })
})

const inspectedModel = {
  ...{ ticket: 'a'.repeat(32), fileName: 'digits-1.1.0.onnx', sizeBytes: 5, problem: null, model: 'digits', version: '1.1.0', taken: true },
  ...{
    versions: ['1.1.0'],
    task: 'classification',
    labels: [],
    labelCount: 0,
    inputs: [],
    outputs: [],
    features: 64,
    isTabular: true,
    onnx: null,
  },
}
const inspect = (model: object | null) => contract['models.inspect'].output.parse({ model, bundle: null, train: null, holdout: null })
const nothing = { model: null, version: null, target: null }
const known = [{ model: 'digits', version: '1.1.0' }]

describe('a draft of an import', () => {
  test('takes the name from the file until a person writes one, and tells what is taken', () => {
    const { model } = inspect(inspectedModel)
    expect(checkDraft(nothing, model, known)).toEqual({
      model: 'digits',
      version: '1.1.0',
      modelProblem: null,
      versionProblem: null,
      isTaken: true,
      versions: ['1.1.0'],
    })
    expect(checkDraft({ ...nothing, version: ' 1.2.0 ' }, model, known)).toMatchObject({ version: '1.2.0', isTaken: false })
  })

  test('says in place what cannot be a name', () => {
    const checked = checkDraft({ ...nothing, model: 'No Spaces', version: '' }, null, known)
    expect(checked.modelProblem).toMatch(/^A model name is 1 to 64 .*\.$/)
    expect(checked.versionProblem).toBe('The file does not say a version. Give one.')
  })

  const file = (parts: Partial<GivenFile>): GivenFile => ({
    ...{ id: 'x', name: 'm.onnx', sizeBytes: 1, role: 'model', share: 1, ticket: 'a'.repeat(32), problem: null, isJoined: false },
    ...parts,
  })
  const ready = checkDraft(nothing, inspect(inspectedModel).model, [])

  test.each([
    { name: 'no model', files: [file({ role: 'train' })], inspected: inspect(null), says: 'An .onnx file is needed.' },
    { name: 'one on its way', files: [file({ ticket: null })], inspected: undefined, says: 'Files are on their way.' },
    {
      name: 'one that failed',
      files: [file({ ticket: null, problem: { code: 'internal', message: 'no' } })],
      inspected: undefined,
      says: 'm.onnx could not be sent. Send it again, or take it off.',
    },
    { name: 'not read yet', files: [file({})], inspected: undefined, says: 'The files are being read.' },
    {
      name: 'a refusal',
      files: [file({})],
      inspected: inspect({ ...inspectedModel, problem: { code: 'model.invalid', message: 'no' } }),
      says: 'digits-1.1.0.onnx would be refused.',
    },
    { name: 'everything there', files: [file({}), file({ role: null, ticket: null })], inspected: inspect(inspectedModel), says: null },
  ])('$name: $says', ({ files, inspected, says }) => {
    expect(whyNotReady(files, inspected, ready)).toBe(says)
  })

  test('offers the next version that is free', () => {
    expect(nextVersion('1.1.0', ['1.1.0', '1.1.1'])).toBe('1.1.2')
    expect(nextVersion('1.3.0-regressed', ['1.3.0-regressed'])).toBe('1.3.1-regressed')
    expect(nextVersion('final', ['final'])).toBeNull()
  })
})
