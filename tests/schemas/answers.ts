// What Slack takes as an answer. Neither package has types for these, so they follow the pages
// interactivity/handling-user-interaction and surfaces/modals of docs.slack.dev.
import type { KnownBlock, ModalView } from '@slack/types';

interface Words {
  text: string;
  blocks?: KnownBlock[];
  response_type?: 'ephemeral' | 'in_channel';
  thread_ts?: string;
}

/** In the response to a slash command. */
export interface CommandAnswer extends Words {}

/** Sent to a response_url. */
export type ResponseUrlBody =
  | (Words & { replace_original?: boolean; delete_original?: false })
  | { delete_original: true };

/** In the response to a submitted modal. */
export type ViewAnswer =
  | { response_action: 'clear' }
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'update' | 'push'; view: ModalView };
