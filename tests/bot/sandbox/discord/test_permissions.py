"""What a member may do where."""

import pytest

from bot.sandbox.discord.entities import Channel, Guild, Role, User
from bot.sandbox.discord.permissions import EVERYTHING, NOTHING, Permission, channel_permissions, may_write
from bot.sandbox.discord.world import World

WRITE = Permission.SEND_MESSAGES


class Place:
    def __init__(self) -> None:
        self.world = World()
        self.guild: Guild = self.world.add_guild("Atelier")
        self.channel: Channel = self.guild.add_channel("paintings")
        self.role: Role = self.guild.add_role("artists")
        self.person: User = self.world.add_user("ann")
        self.guild.join(self.person, [self.role])

    def granted(self, user: User | None = None) -> Permission:
        return channel_permissions(self.channel, user or self.person)


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_stranger_may_nothing(place: Place) -> None:
    assert place.granted(place.world.add_user("bob")) == NOTHING
    assert channel_permissions(place.world.direct_channel(place.person), place.world.add_user("bob")) == NOTHING


def test_the_owner_may_everything_whatever_the_channel_says(place: Place) -> None:
    place.channel.deny(place.guild.owner, EVERYTHING)
    assert place.granted(place.guild.owner) == EVERYTHING


def test_a_member_s_own_overwrite_beats_the_roles_and_those_beat_everyone_s(place: Place) -> None:
    assert place.granted() & WRITE
    place.channel.deny(place.guild.everyone, WRITE)
    assert not place.granted() & WRITE
    place.channel.allow(place.role, WRITE)
    assert place.granted() & WRITE
    place.channel.deny(place.person, WRITE)
    assert not place.granted() & WRITE
    place.channel.allow(place.person, WRITE)
    assert place.granted() & WRITE


def test_one_role_that_allows_beats_another_that_denies(place: Place) -> None:
    other = place.guild.add_role("muted")
    place.guild.members[place.person.id].roles.append(other)
    place.channel.deny(other, WRITE)
    place.channel.allow(place.role, WRITE)
    assert place.granted() & WRITE


def test_who_cannot_see_a_channel_may_nothing_in_it(place: Place) -> None:
    place.channel.deny(place.person, Permission.VIEW_CHANNEL)
    assert place.granted() == NOTHING


def test_who_cannot_write_can_attach_nothing_either(place: Place) -> None:
    place.channel.deny(place.person, WRITE)
    assert not place.granted() & (Permission.ATTACH_FILES | Permission.EMBED_LINKS)
    assert place.granted() & Permission.READ_MESSAGE_HISTORY


def test_a_thread_has_its_parent_s_overwrites_and_its_own_right_to_write(place: Place) -> None:
    thread = place.guild.add_thread(place.channel, "sketches")
    place.channel.deny(place.person, WRITE)
    assert may_write(thread, channel_permissions(thread, place.person))
    place.channel.deny(place.person, Permission.SEND_MESSAGES_IN_THREADS)
    assert not may_write(thread, channel_permissions(thread, place.person))


def test_a_role_s_permissions_add_up(place: Place) -> None:
    assert not place.granted() & Permission.MANAGE_MESSAGES
    place.role.permissions = Permission.MANAGE_MESSAGES
    assert place.granted() & Permission.MANAGE_MESSAGES


def test_in_a_direct_channel_both_may_write(place: Place) -> None:
    channel = place.world.direct_channel(place.person)
    for user in (place.person, place.world.application.bot):
        assert may_write(channel, channel_permissions(channel, user))


def test_who_is_timed_out_may_look_and_read_until_it_is_over(place: Place) -> None:
    member = place.guild.members[place.person.id]
    member.timed_out_until = place.world.now() + 60
    assert place.granted() == Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
    member.timed_out_until = place.world.now() - 1
    assert place.granted() & WRITE


def test_a_timeout_does_not_hold_administrators(place: Place) -> None:
    place.role.permissions = Permission.ADMINISTRATOR
    place.guild.members[place.person.id].timed_out_until = place.world.now() + 60
    assert place.granted() == EVERYTHING
