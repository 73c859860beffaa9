using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>
/// The built gateway with one of its rules cut out: bytes of the assembly, changed in a copy. So every rule can be disabled where it stands, and the product needs no
/// switch for it.
/// </summary>
internal sealed class Mutation
{
    private const byte Nop = 0x00, LoadArgument0 = 0x02, LoadAddress = 0x0F, LoadNull = 0x14, Load0 = 0x16, Load1 = 0x17, Pop = 0x26, Call = 0x28, Return = 0x2A, CallVirtual = 0x6F, New = 0x73, LoadField = 0x7E, Box = 0x8C;
    private const byte MoreSections = 0x08;
    private const int Instruction = 5; // bytes of a call with its token

    private readonly HashSet<string> _types = new(StringComparer.Ordinal);
    private readonly byte[] _image;
    private readonly PEReader _pe;
    private readonly MetadataReader _metadata;

    public Mutation(Assembly assembly)
    {
        _image = File.ReadAllBytes(assembly.Location);
        _pe = new PEReader(new MemoryStream(_image));
        _metadata = _pe.GetMetadataReader();
    }

    public byte[] Image => _image;

    /// <summary>Names of the types that have lost something.</summary>
    public IReadOnlyCollection<string> Types => _types;

    /// <summary>The method gives back what its argument of this index is, <c>this</c> included, and does nothing else.</summary>
    public Mutation ReturnsArgument(string type, string method, int index) => Replace(type, method, [(byte)(LoadArgument0 + index), Return]);

    public Mutation ReturnsTrue(string type, string method) => Replace(type, method, [Load1, Return]);

    public Mutation ReturnsFalse(string type, string method) => Replace(type, method, [Load0, Return]);

    public Mutation ReturnsNull(string type, string method) => Replace(type, method, [LoadNull, Return]);

    /// <summary>The method gives back what this way from its first argument leads to, member by member.</summary>
    public Mutation ReturnsMember(string type, string method, params (string Owner, string Member)[] way) => Replace(type, method, [.. Follow(way), Return]);

    /// <summary>The same, as a text of what is none: a value of this type.</summary>
    public Mutation ReturnsMemberAsText(string type, string method, string ofType, params (string Owner, string Member)[] way) =>
        Replace(type, method, [.. Follow(way), .. Token(Box, ReferenceOf(ofType)), .. Token(CallVirtual, MemberOf("Object", "ToString")), Return]);

    /// <summary>The same from a first argument that is a value.</summary>
    public Mutation ReturnsMemberOfValue(string type, string method, string owner, string member) => Replace(type, method, [LoadAddress, 0, .. Token(Call, MemberOf(owner, member)), Return]);

    /// <summary>Wherever the gateway asks others for this, it asks for that whose name is the beginning of its own, and which is of the same type.</summary>
    public Mutation AsksInstead(string owner, string member, string beginning)
    {
        var name = _metadata.GetMemberReference((MemberReferenceHandle)MemberOf(owner, member)).Name;
        Assert.StartsWith(beginning, _metadata.GetString(name), StringComparison.Ordinal);
        _image[_pe.PEHeaders.MetadataStartOffset + _metadata.GetHeapMetadataOffset(HeapIndex.String) + _metadata.GetHeapOffset(name) + beginning.Length] = 0; // where a name ends
        return this;
    }

    /// <summary>The asynchronous method is over at once.</summary>
    public Mutation DoesNothing(string type, string method) => Replace(type, method, [.. Token(Call, MemberOf("ValueTask", "get_CompletedTask")), Return]);

    /// <summary>The method gives back a static field of its type.</summary>
    public Mutation ReturnsField(string type, string method, string field) => Replace(type, method, [.. Token(LoadField, FieldOf(type, field)), Return]);

    /// <summary>The method does what another one of its type does, which takes the same argument.</summary>
    public Mutation DoesInstead(string type, string method, string other) =>
        Replace(type, method, [LoadArgument0, LoadArgument0 + 1, .. Token(Call, MethodsOf(type, other).Single()), Return]);

    /// <summary>The method, or what the compiler has made of it, no longer calls this member.</summary>
    /// <param name="arguments">How many it takes, the object included; one less when it gives back the first of them, as what is chained does.</param>
    public Mutation LeavesOut(string type, string method, string owner, string member, int arguments)
    {
        byte[] nothing = [.. Enumerable.Repeat(Pop, arguments), .. Enumerable.Repeat(Nop, Instruction - arguments)];
        foreach (var place in PlacesOf(type, method, owner, member))
            nothing.CopyTo(_image.AsSpan(place));
        return this;
    }

    /// <summary>The method, or what the compiler has made of it, asks this member no longer, and takes its answer for yes.</summary>
    /// <param name="arguments">How many it takes, the object included.</param>
    public Mutation TakesForTrue(string type, string method, string owner, string member, int arguments)
    {
        byte[] yes = [.. Enumerable.Repeat(Pop, arguments), Load1, .. Enumerable.Repeat(Nop, Instruction - arguments - 1)];
        foreach (var place in PlacesOf(type, method, owner, member))
            yes.CopyTo(_image.AsSpan(place));
        return this;
    }

    /// <summary>The method turns this on where it turned it off.</summary>
    public Mutation TurnsOn(string type, string method, string owner, string member)
    {
        foreach (var place in PlacesOf(type, method, owner, member))
        {
            Assert.Equal(Load0, _image[place - 1]);
            _image[place - 1] = Load1;
        }

        return this;
    }

    /// <summary>The method creates one of these and does not put it into the list for which it was.</summary>
    public Mutation DoesNotInsert(string type, string method, string inserted)
    {
        var place = Assert.Single(PlacesOf(type, method, inserted, ".ctor")) + Instruction;
        Assert.Equal(CallVirtual, _image[place]);
        new byte[] { Pop, Pop, Pop, Nop, Nop }.CopyTo(_image.AsSpan(place)); // the list, where, and what
        return this;
    }

    private int[] PlacesOf(string type, string method, string owner, string member)
    {
        _types.UnionWith([type, owner]);
        var tokens = MembersOf(owner, member).Select(MetadataTokens.GetToken).ToArray();
        var places = (from code in CodeOf(type, method) from place in Calls(code, tokens) select place).ToArray();
        Assert.True(places.Length > 0, $"{type}.{method} does not call {owner}.{member}");
        return places;
    }

    private IEnumerable<int> Calls((int Start, int Length) code, int[] tokens)
    {
        for (var i = code.Start; i <= code.Start + code.Length - Instruction; i++)
        {
            if (_image[i] is Call or CallVirtual or New && tokens.Contains(BinaryPrimitives.ReadInt32LittleEndian(_image.AsSpan(i + 1))))
                yield return i;
        }
    }

    private Mutation Replace(string type, string method, byte[] code)
    {
        _types.Add(type);
        var methods = MethodsOf(type, method);
        Assert.True(methods.Count == 1, $"{methods.Count} methods {type}.{method}");
        var (start, length) = BodyOf(methods[0]);
        Assert.True(length >= code.Length, $"{type}.{method} has {length} bytes");
        if (!IsTiny(HeaderOf(methods[0]), out _))
            _image[HeaderOf(methods[0])] &= 0xFF ^ MoreSections; // exception handlers, of whose code nothing is left
        _image.AsSpan(start, length).Clear(); // no operation is 0
        code.CopyTo(_image.AsSpan(start + length - code.Length)); // nothing may follow a return
        return this;
    }

    private static byte[] Token(byte instruction, EntityHandle handle)
    {
        var bytes = new byte[Instruction];
        bytes[0] = instruction;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), MetadataTokens.GetToken(handle));
        return bytes;
    }

    /// <summary>The code of the method, and of the state machine or closures that the compiler has made of it.</summary>
    private IEnumerable<(int Start, int Length)> CodeOf(string type, string method)
    {
        var own = TypeOf(type);
        return own.GetMethods().Where(handle => Is(handle, method)).Concat(own.GetNestedTypes()
                .Where(nested => _metadata.GetString(_metadata.GetTypeDefinition(nested).Name).StartsWith('<'))
                .SelectMany(nested => _metadata.GetTypeDefinition(nested).GetMethods().Where(handle =>
                    _metadata.GetString(_metadata.GetTypeDefinition(nested).Name).Contains($"<{method}>", StringComparison.Ordinal)
                    || _metadata.GetString(_metadata.GetMethodDefinition(handle).Name).Contains($"<{method}>", StringComparison.Ordinal))))
            .Select(BodyOf);
    }

    private List<MethodDefinitionHandle> MethodsOf(string type, string method) => [.. TypeOf(type).GetMethods().Where(handle => Is(handle, method))];

    private bool Is(MethodDefinitionHandle handle, string method) => _metadata.GetString(_metadata.GetMethodDefinition(handle).Name) == method;

    private TypeDefinition TypeOf(string name) =>
        _metadata.GetTypeDefinition(Assert.Single(_metadata.TypeDefinitions, handle => _metadata.GetString(_metadata.GetTypeDefinition(handle).Name) == name));

    private FieldDefinitionHandle FieldOf(string type, string field) =>
        Assert.Single(TypeOf(type).GetFields(), handle => _metadata.GetString(_metadata.GetFieldDefinition(handle).Name) == field);

    private EntityHandle MemberOf(string owner, string member) => Assert.Single(MembersOf(owner, member));

    /// <summary>A method of the gateway's own, or those of this name that it calls.</summary>
    private EntityHandle[] MembersOf(string owner, string member) => _metadata.TypeDefinitions.Any(handle => _metadata.GetString(_metadata.GetTypeDefinition(handle).Name) == owner)
        ? [MethodsOf(owner, member).Single()]
        : [.. _metadata.MemberReferences.Where(handle => _metadata.GetMemberReference(handle) is var reference && _metadata.GetString(reference.Name) == member && NameOf(reference.Parent) == owner)];

    /// <summary>A type of others, a generic one without its arguments; <c>null</c> for what is none.</summary>
    private string? NameOf(EntityHandle handle)
    {
        if (handle.Kind is HandleKind.TypeReference)
            return _metadata.GetString(_metadata.GetTypeReference((TypeReferenceHandle)handle).Name);
        if (handle.Kind is not HandleKind.TypeSpecification)
            return null;
        var signature = _metadata.GetBlobReader(_metadata.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
        if (signature.ReadSignatureTypeCode() is not SignatureTypeCode.GenericTypeInstance)
            return null;
        signature.ReadByte(); // class or value
        return NameOf(signature.ReadTypeHandle());
    }

    private TypeReferenceHandle ReferenceOf(string type) => Assert.Single(_metadata.TypeReferences, handle => NameOf(handle) == type);

    private byte[] Follow((string Owner, string Member)[] way) => [LoadArgument0, .. way.SelectMany(step => Token(CallVirtual, MemberOf(step.Owner, step.Member)))];

    /// <summary>Where in the file the code of the method stands (ECMA-335, II.25.4).</summary>
    private (int Start, int Length) BodyOf(MethodDefinitionHandle handle) => HeaderOf(handle) is var header && IsTiny(header, out var length)
        ? (header + 1, length)
        : (header + 12, BinaryPrimitives.ReadInt32LittleEndian(_image.AsSpan(header + 4)));

    private bool IsTiny(int header, out int length)
    {
        length = _image[header] >> 2;
        return (_image[header] & 3) == 2;
    }

    private int HeaderOf(MethodDefinitionHandle handle)
    {
        var address = _metadata.GetMethodDefinition(handle).RelativeVirtualAddress;
        var section = _pe.PEHeaders.SectionHeaders[_pe.PEHeaders.GetContainingSectionIndex(address)];
        return address - section.VirtualAddress + section.PointerToRawData;
    }
}
