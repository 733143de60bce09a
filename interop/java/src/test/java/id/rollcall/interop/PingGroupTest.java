package id.rollcall.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.exceptions.ScimException;
import com.unboundid.scim2.common.filters.Filter;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.types.Group;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.UserResource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Groups through the client library of UnboundID (Ping Identity), scim2-sdk-client. */
class PingGroupTest {
  private final ScimService scim = Ping.connect(Service.TOKEN);

  private String user(String prefix) throws ScimException {
    return scim.create("Users", new UserResource().setUserName(Service.unique(prefix))).getId();
  }

  private GroupResource group(Member... members) throws ScimException {
    return scim.create("Groups", new GroupResource().setDisplayName(Service.unique("G")).setMembers(List.of(members)));
  }

  private static Member member(String id) {
    return new Member().setValue(id);
  }

  private Set<String> members(String group) throws ScimException {
    List<Member> list = scim.retrieve("Groups", group, GroupResource.class).getMembers();
    return list == null ? Set.of() : list.stream().map(Member::getValue).collect(Collectors.toSet());
  }

  @Test
  void membersComeAndGo() throws Exception {
    String a = user("a");
    String b = user("b");
    String c = user("c");
    GroupResource g = group(member(a));
    assertEquals(Set.of(a), members(g.getId()));

    scim.modifyRequest("Groups", g.getId()).addValues("members", member(b), member(c)).invoke(GroupResource.class);
    assertEquals(Set.of(a, b, c), members(g.getId()));
    scim.modifyRequest("Groups", g.getId()).addValues("members", member(b)).invoke(GroupResource.class);
    assertEquals(Set.of(a, b, c), members(g.getId()), "added twice");

    scim.modifyRequest("Groups", g.getId()).removeValues("members[value eq \"" + a + "\"]").invoke(GroupResource.class);
    assertEquals(Set.of(b, c), members(g.getId()));
    scim.modifyRequest("Groups", g.getId()).addOperation(PatchOperation.remove("members").setRemoveOpValue(List.of(member(b)), false)).invoke(GroupResource.class);
    assertEquals(Set.of(c), members(g.getId()), "removed as Entra does it");

    scim.modifyRequest("Groups", g.getId()).removeValues("members").invoke(GroupResource.class);
    assertEquals(Set.of(), members(g.getId()));
  }

  @Test
  void aReplacedGroupHasTheMembersOfTheReplacement() throws Exception {
    String a = user("a");
    String b = user("b");
    GroupResource g = group(member(a));
    g.setMembers(member(b));
    g.setDisplayName(Service.unique("renamed"));
    GroupResource replaced = scim.replace(g);
    assertEquals(g.getDisplayName(), replaced.getDisplayName());
    assertEquals(Set.of(b), members(g.getId()));
  }

  @Test
  void membersMustExist() throws Exception {
    GroupResource g = group(member(user("a")));
    BadRequestException e = assertThrows(BadRequestException.class,
        () -> scim.modifyRequest("Groups", g.getId()).addValues("members", member("nobody")).invoke(GroupResource.class));
    assertEquals("invalidValue", e.getScimError().getScimType());
    assertThrows(BadRequestException.class, () -> group(member("nobody")));
    assertEquals(1, members(g.getId()).size());
  }

  @Test
  void usersKnowTheirGroups() throws Exception {
    String u = user("u");
    GroupResource inner = group(member(u));
    GroupResource outer = group(member(inner.getId()));
    Map<String, String> types = scim.retrieve("Users", u, UserResource.class).getGroups().stream().collect(Collectors.toMap(Group::getValue, Group::getType));
    assertEquals(Map.of(inner.getId(), "direct", outer.getId(), "indirect"), types);
    Member nested = scim.retrieve("Groups", outer.getId(), GroupResource.class).getMembers().get(0);
    assertEquals("Group", nested.getType());
    assertTrue(nested.getRef().toString().endsWith("/Groups/" + inner.getId()), nested.getRef().toString());

    scim.delete("Groups", inner.getId());
    assertNull(scim.retrieve("Users", u, UserResource.class).getGroups());
    assertEquals(Set.of(), members(outer.getId()));
  }

  @Test
  void groupsAreFoundByNameAndByMember() throws Exception {
    String u = user("u");
    GroupResource g = group(member(u));
    GroupResource found = scim.searchRequest("Groups").filter(Filter.eq("displayName", g.getDisplayName().toUpperCase())).excludedAttributes("members")
        .invoke(GroupResource.class).getResources().get(0);
    assertEquals(g.getId(), found.getId());
    assertNull(found.getMembers());
    assertEquals(1, scim.search("Groups", "members[value eq \"" + u + "\"]", GroupResource.class).getTotalResults());
    assertEquals(1, scim.search("Groups", "members.value eq \"" + u + "\"", GroupResource.class).getTotalResults());
    assertEquals(1, scim.search("Users", "groups.value eq \"" + g.getId() + "\"", UserResource.class).getTotalResults());
  }
}
