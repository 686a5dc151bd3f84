import { expect, it } from 'vitest'
import { draftOfSource, freshSource, sourceSet, watchText, type Source } from '../../../../renderer/screens/models/sources/source-draft.ts'

const mlflow = { ...freshSource('mlflow'), url: 'https://mlflow.example' }

it('asks for what is written, and says what is missing', () => {
  expect(sourceSet(mlflow)).toMatchObject({ settings: { kind: 'mlflow', url: 'https://mlflow.example', auth: { kind: 'none' }, ca: null } })
  expect(sourceSet({ ...mlflow, source: 'No Spaces' })).toHaveProperty('problem')
  expect(sourceSet({ ...mlflow, url: 'ftp://x' })).toHaveProperty('problem')
  expect(sourceSet({ ...mlflow, auth: 'token' })).toEqual({ problem: 'Give the token.' })
  expect(sourceSet({ ...mlflow, auth: 'basic', secret: 'x' })).toEqual({ problem: 'Give the user name.' })
  expect(sourceSet({ ...mlflow, everyMinutes: '' })).toHaveProperty('problem')
  expect(sourceSet(freshSource('folder'))).toHaveProperty('problem')
  expect(sourceSet({ ...freshSource('folder'), folder: ' /srv/models ' })).toEqual({
    settings: { kind: 'folder', folder: '/srv/models', isEnabled: true },
  })
})

it('reads aliases to follow, one per line', () => {
  const watches = 'Churn: model:champion=churn\n\n  fraud:prod\n'
  expect(sourceSet({ ...mlflow, watches })).toMatchObject({
    settings: {
      watches: [
        { model: 'Churn: model', alias: 'champion', as: 'churn' },
        { model: 'fraud', alias: 'prod', as: null },
      ],
    },
  })
  expect(sourceSet({ ...mlflow, watches: 'no alias' })).toHaveProperty('problem')
  expect(sourceSet({ ...mlflow, watches: 'm:a=Not A Name' })).toHaveProperty('problem')
})

it('leaves a secret that is not written again as it is', () => {
  const kept = { ...mlflow, auth: 'token' as const, hasSecret: true }
  expect(sourceSet(kept)).toMatchObject({ settings: { auth: { kind: 'token', secret: null } } })
  expect(sourceSet({ ...kept, secret: 'new' })).toMatchObject({ settings: { auth: { kind: 'token', secret: 'new' } } })
})

it('comes back from the list as it was set', () => {
  const wanted = sourceSet({
    ...mlflow,
    auth: 'basic',
    username: 'anna',
    secret: 'x',
    watches: 'm:a=n',
    everyMinutes: 30,
    writesTags: false,
  })
  if (!('settings' in wanted)) throw new Error(wanted.problem)
  const { settings } = wanted
  const source: Source = {
    ...{ source: 'lab', settings, hasSecret: true, setAt: 0, setBy: '', lookedAt: null, problem: null },
    ...{ offers: { waiting: 0, imported: 0, failed: 0 }, tags: { written: 0, waiting: 0 } },
  }
  expect(draftOfSource(source)).toMatchObject({
    source: 'lab',
    isNew: false,
    username: 'anna',
    secret: '',
    watches: 'm:a=n',
    everyMinutes: 30,
    writesTags: false,
  })
  expect(watchText({ model: 'm', alias: 'a', as: null })).toBe('m:a')
})
