import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Router } from 'wouter'
import { followChanges } from './data/change-feed.ts'
import { guardedNavigation } from './data/leave-guard.ts'
import { LinkContext } from './data/link-context.ts'
import { Gate } from './shell/gate.tsx'
import { theme, variables } from './theme.ts'
import type { Link } from './transport/link.ts'

/** What the style sheets that the component library injects are allowed by. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
// The scroll lock under dialogs makes a style of its own, and looks for its nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce })

/** Answers are fresh until the change feed says otherwise; a failed call is not repeated, for the link repeats what broke with it. */
const queryDefaults = {
  queries: {
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 5 * 60_000,
    retry: false,
    refetchOnWindowFocus: false,
    networkMode: 'always' as const,
  },
  mutations: { networkMode: 'always' as const },
}

/** The console: identical in Electron and in a browser. */
export function App({ link }: { link: Link }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: queryDefaults }))
  useEffect(() => followChanges(link, client), [link, client])
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <LinkContext.Provider value={link}>
        <QueryClientProvider client={client}>
          <Notifications position="bottom-right" limit={4} />
          <Router aroundNav={guardedNavigation}>
            <Gate />
          </Router>
        </QueryClientProvider>
      </LinkContext.Provider>
    </MantineProvider>
  )
}
