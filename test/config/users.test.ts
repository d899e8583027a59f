import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { usersFrom } from '../../src/config/users.ts';
import { users } from './sandbox.ts';

const test = suite('config: users and groups');

test('finds users and groups by name and number', () => {
  assert.equal(users.userByName('shop'), { name: 'shop', uid: 1001, gid: 1001 });
  assert.is(users.userById(1002)?.name, 'blog');
  assert.is(users.groupByName('staff'), 50);
  assert.is(users.userByName('nobody2'), null);
  assert.is(users.groupByName('nobody2'), null);
});

test('takes the first entry of a name or number, as the C library does', () => {
  const twice = usersFrom('a:x:5:5::/:\na:x:6:6::/:\nb:x:5:7::/:\n\n# comment\nbroken\n', 'g:x:1:\ng:x:2:\n');
  assert.is(twice.userByName('a')?.uid, 5);
  assert.is(twice.userById(5)?.name, 'a');
  assert.is(twice.groupByName('g'), 1);
});

test('lists the groups that name a user', () => {
  const customer = users.userByName('customer');
  assert.equal(customer === null ? null : users.groupsOf(customer), [33, 50]);
});

test('asks elsewhere only for names the files do not have', () => {
  const asked: string[] = [];
  const elsewhere = usersFrom('a:x:5:5::/:\n', 'g:x:1:a\n', {
    userByName: (name) => {
      asked.push(name);
      return { name, uid: 70_000, gid: 70_000 };
    },
    groupByName: () => 70_001,
    groupsOf: () => [70_002],
  });
  const user = elsewhere.userByName('ldap');
  assert.is(user?.uid, 70_000);
  assert.equal(user === null ? null : elsewhere.groupsOf(user), [70_002]);
  assert.is(elsewhere.groupByName('ldap'), 70_001);
  assert.is(elsewhere.userByName('a')?.uid, 5);
  assert.equal(asked, ['ldap']);
});

test.run();
