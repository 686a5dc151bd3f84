import { Button } from '@mantine/core'
import { Component } from 'react'
import { EmptyState } from '../components/answered.tsx'
import { Screen } from '../components/screen.tsx'

/** Keeps a fault within its page: the shell stays, says what happened, and the other pages work on. */
export class PageGuard extends Component<{ place: string; children: React.ReactNode }, { fault: Error | null; place: string }> {
  override state: { fault: Error | null; place: string } = { fault: null, place: this.props.place }

  /** Another page is tried anew. */
  static getDerivedStateFromProps(props: { place: string }, state: { place: string }): { fault: null; place: string } | null {
    return props.place === state.place ? null : { fault: null, place: props.place }
  }

  static getDerivedStateFromError(fault: Error): { fault: Error } {
    return { fault }
  }

  override render(): React.ReactNode {
    const { fault } = this.state
    if (fault === null) return this.props.children
    return (
      <Screen title="This page failed">
        <EmptyState
          title="A fault in Muster stopped this page"
          actions={
            <>
              <Button variant="filled" onClick={() => this.setState({ fault: null })}>
                Show the page again
              </Button>
              <Button onClick={() => location.reload()}>Reload the console</Button>
            </>
          }
        >
          Nothing was changed on the console or on devices. <span className="mono">{fault.message.slice(0, 300)}</span>
        </EmptyState>
      </Screen>
    )
  }
}
