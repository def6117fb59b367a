import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw } from 'vue-router';
import type { Permission } from '@ioc/contract';
import { useSessionStore } from '../live/session-store.js';

declare module 'vue-router' {
  interface RouteMeta {
    /** Who may open the screen; nobody signed in may open what has none. */
    permission?: Permission;
    /** Key of its title in the messages of the shell. */
    title?: string;
    /** The screen brings its own header in place of the status bar: it is made for a phone. */
    ownHeader?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/',
      name: 'wall',
      component: () => import('./WallScreen.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.wall' },
    },
    {
      path: '/incidents',
      name: 'incidents',
      component: () => import('./IncidentsScreen.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.incidents' },
    },
    {
      path: '/technician',
      name: 'technician',
      component: () => import('../features/technician/TechnicianPage.vue'),
      meta: { permission: 'incident:work', title: 'app.nav.technician', ownHeader: true },
    },
    {
      path: '/devices/:id',
      name: 'device',
      component: () => import('./DeviceScreen.vue'),
      props: true,
      meta: { permission: 'wall:read' },
    },
    {
      path: '/communes/:code',
      name: 'commune',
      component: () => import('./CommuneScreen.vue'),
      props: true,
      meta: { permission: 'wall:read' },
    },
    {
      path: '/coverage/vcs',
      name: 'vcs-coverage',
      component: () => import('../features/coverage/VcsCoveragePage.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.coverage' },
    },
    {
      path: '/power',
      name: 'power',
      component: () => import('./PowerScreen.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.power' },
    },
    {
      path: '/situation',
      name: 'situation',
      component: () => import('../features/reports/SituationPage.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.situation' },
    },
    {
      path: '/handover',
      name: 'handover',
      component: () => import('../features/reports/HandoverPage.vue'),
      meta: { permission: 'report:sign', title: 'app.nav.handover' },
    },
    {
      path: '/alarms',
      name: 'alarms',
      component: () => import('../features/alarms/AlarmsPage.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.alarms' },
    },
    {
      path: '/maintenance',
      name: 'maintenance',
      component: () => import('../features/maintenance/MaintenancePage.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.maintenance' },
    },
    {
      path: '/meetings',
      name: 'meetings',
      component: () => import('../features/meetings/MeetingsPage.vue'),
      meta: { permission: 'wall:read', title: 'app.nav.meetings' },
    },
    {
      path: '/meetings/:id',
      name: 'meeting',
      component: () => import('../features/meetings/MeetingPage.vue'),
      props: true,
      meta: { permission: 'wall:read' },
    },
    {
      path: '/alarm-rules',
      name: 'alarm-rules',
      component: () => import('../features/rules/RulesPage.vue'),
      meta: { permission: 'rule:write', title: 'app.nav.rules' },
    },
    {
      path: '/notifications',
      name: 'notifications',
      component: () => import('../features/notifications/NotificationsPage.vue'),
      meta: { permission: 'notification:write', title: 'app.nav.notifications' },
    },
    {
      path: '/incidents/:id/notifications',
      name: 'why-told',
      component: () => import('../features/notifications/WhyToldPage.vue'),
      props: true,
      meta: { permission: 'incident:work' },
    },
    {
      path: '/me/notifications',
      name: 'own-channels',
      component: () => import('../features/notifications/OwnChannelsPage.vue'),
      meta: { permission: 'wall:read' },
    },
    {
      path: '/intake',
      name: 'intake',
      component: () => import('../features/intake/IntakePage.vue'),
      meta: { permission: 'intake:read', title: 'app.nav.intake' },
    },
    {
      path: '/register',
      name: 'register',
      component: () => import('../features/register/RegisterPage.vue'),
      meta: { permission: 'register:write', title: 'app.nav.register' },
    },
    {
      path: '/people',
      name: 'people',
      component: () => import('../features/access/PeoplePage.vue'),
      meta: { permission: 'people:write', title: 'app.nav.people' },
    },
    { path: '/sign-in', name: 'sign-in', component: () => import('../features/access/SignInPage.vue') },
    { path: '/password', name: 'password', component: () => import('../features/access/PasswordPage.vue') },
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFoundPage.vue') },
  ],
});

/** Sends whoever may not open a screen to the sign-in page, which leads back to where they wanted to go. */
async function guard(to: RouteLocationNormalized): Promise<RouteLocationRaw | boolean> {
  const session = useSessionStore();
  const display = to.query['display'];
  if (typeof display === 'string') {
    // The token must not stay in the address bar or the history of a wall that people walk past.
    await session.openDisplay(display);
    return { path: to.path, query: { ...to.query, display: undefined }, replace: true };
  }
  if (!session.known) await session.load();
  // A one-time password opens nothing but the page that replaces it.
  if (session.session?.mustChangePassword === true && to.name !== 'password') {
    return { name: 'password', query: { next: to.fullPath } };
  }
  const { permission } = to.meta;
  if (permission === undefined || session.may(permission)) return true;
  // Without an answer from the server the wall says so itself; a sign-in page would not help.
  if (!session.known) return true;
  return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
}

router.beforeEach(guard);
