import { actorOf } from '../../../shared/domain/actor.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { accountName } from '../account-name.ts'
import { adviceFor, adviceLines, isRecoverable } from '../backup/recovery/advice.ts'
import { serveRecovery, type RecoveryOptions } from '../backup/recovery/serve-recovery.ts'
import { plain, printLine } from './output.ts'

/**
 * Starts the console; if a store is damaged, says on the terminal what to run, and, where a person looks, serves the page that does it.
 * @param options.servesPage a terminal, or `--recovery`: a service ends with its exit code instead
 * @returns what was started @throws Problem of the start, also when a signal ends the wait
 */
export async function startOrRecover<Started>(
  start: () => Promise<Started>,
  options: { dataDirectory: string; http: RecoveryOptions['http']; servesPage: boolean },
): Promise<Started> {
  for (;;) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof Problem) || !isRecoverable(error)) throw error
      const { dataDirectory } = options
      const lines = adviceLines(adviceFor(dataDirectory), dataDirectory)
      if (!options.servesPage) {
        for (const line of lines) process.stderr.write(`${plain(line)}\n`)
        throw error
      }
      printLine(`The console cannot open its data: ${error.message} (${error.code})`)
      for (const line of lines) printLine(`  ${line}`)
      if (!(await recovered(error, options))) throw error
    }
  }
}

/** @returns true when the start shall be tried again; false: a signal ended the wait */
async function recovered(
  problem: Problem,
  { dataDirectory, http }: { dataDirectory: string; http: RecoveryOptions['http'] },
): Promise<boolean> {
  const recovery = await serveRecovery({ dataDirectory, problem, http, actor: actorOf('recovery', accountName() ?? null), now: Date.now })
  printLine(`  Or do it in the browser:  ${recovery.url}/#key=${recovery.token}`)
  let onSignal: () => void = () => undefined
  const signal = new Promise<boolean>((resolve) => {
    onSignal = () => resolve(false)
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
  const isAgain = await Promise.race([recovery.retry.then(() => true), signal])
  process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
  await recovery.stop()
  return isAgain
}
