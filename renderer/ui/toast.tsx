/** Short notices of what just happened. Never the only place a result is told: results stay on their screen. */
import { Toast } from '@base-ui/react/toast';
import css from './toast.module.css';

const manager = Toast.createToastManager();

export function announce(text: string): void {
  manager.add({ title: text, timeout: 4_000 });
}

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={css['toast']}>
      <Toast.Title className={css['title']} />
    </Toast.Root>
  ));
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className={css['viewport']} aria-label="Notices">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
