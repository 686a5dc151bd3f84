import { expect, test } from 'vitest'
import { filesInFolder } from '../../../../renderer/screens/models/import/dropped-files.ts'
import { handOverFiles, isExported, pageOfFiles, takeHandedFiles } from '../../../../renderer/screens/models/import/handed-files.ts'

const file = (name: string): File => new File(['x'], name)

test('files that were dropped on another page go to the import that takes them, and are taken once', () => {
  expect(pageOfFiles([file('m.onnx'), file('w.bin')])).toBe('/import')
  expect(pageOfFiles([file('Wine-2.0.0.MUSTER')])).toBe('/import/file')
  handOverFiles([file('wine.muster'), file('readme.md')])
  expect(
    takeHandedFiles()
      .filter(isExported)
      .map(({ name }) => name),
  ).toEqual(['wine.muster'])
  expect(takeHandedFiles()).toEqual([])
})

test('of a chosen folder only what stands in it directly is taken, and nothing hidden', () => {
  const inFolder = (path: string): File => Object.defineProperty(file(path.split('/').at(-1)!), 'webkitRelativePath', { value: path })
  const given = ['pump/m.onnx', 'pump/w.bin', 'pump/.DS_Store', 'pump/older/m.onnx'].map(inFolder)
  expect(filesInFolder(given).map(({ name }) => name)).toEqual(['m.onnx', 'w.bin'])
})
