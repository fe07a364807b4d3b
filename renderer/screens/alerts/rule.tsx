/** The drawer of a rule: a new one, or one that is there, with the sentence of what it will do as it is typed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { Button } from '../../ui/controls.tsx';
import { Dialog, Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Form, Note } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { useCustomerNames, useWebhookNames } from './names.ts';
import { draftOf, readDraft, startOf } from './rule-draft.ts';
import type { Draft } from './rule-draft.ts';
import { RuleFields } from './rule-fields.tsx';
import { Severity } from './marks.tsx';
import { ruleSentence } from './words.ts';
import type { Rule } from './words.ts';

const route = getRouteApi('/alerts/rules/$rule');

function useClose(): () => void {
  const navigate = useNavigate();
  return () => void navigate({ to: '/alerts', search: (all) => ({ ...all, pane: 'rules' as const }) });
}

export function NewRuleDrawer() {
  const close = useClose();
  const may = useMay('alerts:write');
  return (
    <Drawer name="rule" title="New rule" onClose={close}>
      {may ? <Create /> : <Empty title="Your role does not make rules">Ask an admin for the role billing.</Empty>}
    </Drawer>
  );
}

function Create() {
  const close = useClose();
  const [key] = useState(() => `rule-${crypto.randomUUID()}`);
  const [draft, setDraft] = useState<Draft>(() => startOf('balance-below', 'USDC/6'));
  const queries = useQueryClient();
  const create = useMutation(
    orpc.alerts.createRule.mutationOptions({
      onSuccess: ({ name }) => {
        announce(`${name} is watched from now on`);
        void queries.invalidateQueries({ queryKey: orpc.alerts.key() });
        close();
      },
    }),
  );
  const { terms } = readDraft(draft);
  return (
    <RuleForm
      draft={draft}
      onChange={setDraft}
      rule={null}
      busy={create.isPending}
      error={create.error}
      verb="Begin to watch"
      onSubmit={() => terms && create.mutate({ key, name: draft.name.trim(), ...terms })}
    />
  );
}

export function RuleDrawer() {
  const { rule: id } = route.useParams();
  const close = useClose();
  const query = useQuery(orpc.alerts.rules.queryOptions({ input: {} }));
  const rule = query.data?.items.find((one) => one.id === id);
  return (
    <Drawer
      name="rule"
      title={rule?.name ?? 'Rule'}
      beside={rule && <Severity severity={rule.severity} />}
      onClose={close}
    >
      {query.isPending && <Loading label="Reading the rule" />}
      {query.error && <ErrorBox error={query.error} money="This only reads: nothing was changed." />}
      {query.data && !rule && <Empty title="No rule has this id">It may have been deleted.</Empty>}
      {rule && <Change key={rule.id} rule={rule} />}
    </Drawer>
  );
}

function Change({ rule }: { rule: Rule }) {
  const close = useClose();
  const may = useMay('alerts:write');
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule));
  const [isDeleting, setDeleting] = useState(false);
  const queries = useQueryClient();
  const done = (text: string) => (): void => {
    announce(text);
    void queries.invalidateQueries({ queryKey: orpc.alerts.key() });
    close();
  };
  const change = useMutation(orpc.alerts.changeRule.mutationOptions({ onSuccess: done(`${rule.name} is changed`) }));
  const remove = useMutation(orpc.alerts.deleteRule.mutationOptions({ onSuccess: done(`${rule.name} is deleted`) }));
  const { terms } = readDraft(draft);
  const submit = (): void => {
    if (terms === null) return;
    const { threshold, margin, severity, quiet, channels, tellsCleared, isOn } = terms;
    const name = draft.name.trim();
    change.mutate({ rule: rule.id, name, threshold, margin, severity, quiet, channels, tellsCleared, isOn });
  };
  return (
    <>
      <RuleForm
        draft={draft}
        onChange={setDraft}
        rule={rule}
        busy={change.isPending}
        error={change.error}
        verb="Save"
        onSubmit={may ? submit : null}
        {...(may ? { onDelete: () => setDeleting(true) } : {})}
      />
      <Dialog open={isDeleting} onClose={() => setDeleting(false)} title={`Delete ${rule.name}?`}>
        <p>Nothing is watched by it any more, and its open alerts are over. What fired stays among the past alerts.</p>
        {remove.error && <ErrorBox error={remove.error} money="The rule is as it was." />}
        <Actions end>
          <Button onClick={() => setDeleting(false)}>Keep it</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate({ rule: rule.id })}>
            Delete the rule
          </Button>
        </Actions>
      </Dialog>
    </>
  );
}

type FormProps = Readonly<{
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** The rule that is changed: what it watches stays. */
  rule: Rule | null;
  busy: boolean;
  error: unknown;
  verb: string;
  /** Null for who may only look. */
  onSubmit: (() => void) | null;
  onDelete?: () => void;
}>;

function RuleForm({ draft, onChange, rule, busy, error, verb, onSubmit, onDelete }: FormProps) {
  const [wasTried, setTried] = useState(false);
  const customers = useCustomerNames();
  const webhooks = useWebhookNames();
  const { terms, problems } = readDraft(draft);
  const isReady = Object.keys(problems).length === 0;
  const shown = wasTried ? problems : { ...problems, name: undefined };
  const submit = (): void => {
    setTried(true);
    if (isReady) onSubmit?.();
  };
  return (
    <Form onSubmit={submit}>
      <RuleFields draft={draft} onChange={onChange} problems={shown} rule={rule} isLocked={onSubmit === null} />
      <div role="status">
        <Note>{terms ? ruleSentence(terms, customers, webhooks) : 'What it will do is said here as you type.'}</Note>
      </div>
      {error !== null && (
        <ErrorBox error={error} money="Nothing changed, or trying again finds the same rule: it carries a key." />
      )}
      {onSubmit && (
        <Actions>
          <Button kind="primary" submit busy={busy}>
            {verb}
          </Button>
          {onDelete && (
            <Button kind="danger" onClick={onDelete}>
              Delete
            </Button>
          )}
        </Actions>
      )}
    </Form>
  );
}
