/** The page's entry: applies the theme, then renders the console. */
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { applyTheme } from './lib/preferences.ts';
import './ui/tokens.css';
import './ui/base.css';

applyTheme();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
