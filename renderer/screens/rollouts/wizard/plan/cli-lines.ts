import { shellWord } from '../../../../components/copy.tsx'

const muster = 'npm run -s muster --'

/** The wizard as lines of a shell: a saved draft is started, anything else goes through a file. */
export function wizardCommand({ rollout, fileName }: { rollout: number | null; fileName: string }): string {
  return rollout === null ? `${muster} rollouts start --file ${shellWord(fileName)}` : `${muster} rollouts start ${rollout}`
}

/** The name of the file that a plan is saved as. */
export function planFileName({ model, version }: { model: string; version: string }): string {
  const name = [model, version]
    .filter(Boolean)
    .join('-')
    .replaceAll(/[^\w.-]+/g, '-')
  return `rollout${name === '' ? '' : `-${name}`}.yaml`
}
