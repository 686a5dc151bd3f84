import { forgetKey } from '../transport/key.ts'
import { useCommand } from './use-command.ts'

/** Ends the session of this page, or all of the account, and shows the page of signing in. */
export function useSignOut(): { run(everywhere: boolean): Promise<void>; isRunning: boolean } {
  const signOut = useCommand('access.signOut')
  return {
    isRunning: signOut.isRunning,
    async run(everywhere) {
      try {
        await signOut.run({ everywhere })
        forgetKey()
        location.reload()
      } catch {
        // The notice says why; the session goes on.
      }
    },
  }
}
